import type { Demand } from './demand.ts';

/** Demands that are served together, whole or not at all. A demand without a gang is a unit of one. */
export interface DemandUnit {
  /** Whose turn it is: the first of them in the order of `gang.apps`. */
  readonly lead: Demand;
  readonly demands: readonly Demand[];
}

/** Groups the demands of each gang; a unit stands where its first demand stood. */
export function demandUnits(demands: readonly Demand[]): readonly DemandUnit[] {
  const units: DemandUnit[] = [];
  const gangs = new Map<string, { readonly place: number; readonly demands: Demand[] }>();
  for (const demand of demands) {
    const known = demand.gang === undefined ? undefined : gangs.get(demand.gang.key);
    if (known !== undefined) {
      known.demands.push(demand);
      continue;
    }
    const unit = { lead: demand, demands: [demand] };
    const place = units.push(unit) - 1;
    if (demand.gang !== undefined) gangs.set(demand.gang.key, { place, demands: unit.demands });
  }
  for (const gang of gangs.values()) {
    const ordered = gang.demands.toSorted((a, b) => placeOf(a) - placeOf(b));
    const [lead] = ordered;
    if (lead !== undefined) units[gang.place] = { lead, demands: ordered };
  }
  return units;
}

function placeOf({ app, gang }: Demand): number {
  return gang?.apps.indexOf(app.name) ?? 0;
}
