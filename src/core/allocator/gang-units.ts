import type { Demand } from './demand.ts';

/** Demands that are served together, whole or not at all. A demand without a gang is a unit of one. */
export interface DemandUnit {
  /** Whose turn it is: the first of them in the order of `gang.apps`. */
  readonly lead: Demand;
  readonly demands: readonly Demand[];
}

/** Groups the demands of each gang; a unit stands where its first demand stood. */
export function demandUnits(demands: readonly Demand[]): readonly DemandUnit[] {
  const units: Demand[][] = [];
  const byGang = new Map<string, Demand[]>();
  for (const demand of demands) {
    const known = demand.gang === undefined ? undefined : byGang.get(demand.gang.key);
    if (known !== undefined) {
      known.push(demand);
      continue;
    }
    const unit = [demand];
    units.push(unit);
    if (demand.gang !== undefined) byGang.set(demand.gang.key, unit);
  }
  return units.flatMap((unit) => unitOf(unit) ?? []);
}

function unitOf(demands: readonly Demand[]): DemandUnit | undefined {
  const ordered = demands.length > 1 ? demands.toSorted((a, b) => placeOf(a) - placeOf(b)) : demands;
  const [lead] = ordered;
  return lead === undefined ? undefined : { lead, demands: ordered };
}

function placeOf({ app, gang }: Demand): number {
  return gang?.apps.indexOf(app.name) ?? 0;
}
