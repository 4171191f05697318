import { claimName } from '../app/claim-name.ts';
import { readList, readString } from '../app/read-field.ts';
import type { Member, Situation } from '../app/situation.ts';
import type { WantedVolume } from '../app/wanted-volume.ts';
import type { BackupProblem } from './backup-facts.ts';
import { type ClaimSource, sourceOf } from './data-source.ts';
import type { DataSourceFacts } from './data-source-facts.ts';

/** A claim that we make ourselves, before the StatefulSet would make an empty one of its name. */
export interface UnfilledClaim {
  readonly name: string;
  readonly member: Member;
  readonly volume: WantedVolume;
  readonly source: ClaimSource | BackupProblem;
}

const NOTHING_READ: DataSourceFacts = { kinds: 'reading', backups: new Map(), snapshots: new Map(), claims: new Map() };

/**
 * Claims of new members that are to be filled from a source and do not exist. A member that was launched before has had its volume: what
 * it lacks now was deleted or is being rebuilt, and old data would be wrong for it.
 */
export function unfilledClaims(situation: Situation): readonly UnfilledClaim[] {
  const { app, facts, members, volumes } = situation;
  const sourced = volumes.filter(({ claim, problem }) => claim.dataSourceRef !== undefined && problem === undefined);
  if (sourced.length === 0) return [];
  const known = knownVolumes(situation);
  return members
    .filter((member) => member.wanted && !situation.rebuilds.has(member.name))
    .flatMap((member) =>
      sourced.flatMap((volume): readonly UnfilledClaim[] => {
        const name = claimName(volume.claim.name, app.metadata.name, member.ordinal);
        const isOld = known.has(volume.claim.name) && member.ordinal < situation.launched;
        if (isOld || facts.claims.some((claim) => claim.name === name)) return [];
        const wanted = {
          volume: volume.claim,
          ordinal: member.ordinal,
          app: app.metadata.name,
          bytes: volume.newBytes,
        };
        return [{ name, member, volume, source: sourceOf(wanted, facts.dataSources ?? NOTHING_READ) }];
      }),
    );
}

/** Volumes that the StatefulSet makes claims of by itself. */
function knownVolumes({ statefulSet }: Situation): ReadonlySet<string> {
  const templates = readList(statefulSet, 'spec', 'volumeClaimTemplates');
  return new Set(templates.map((template) => readString(template, 'metadata', 'name')));
}

export function hasProblem(claim: UnfilledClaim): claim is UnfilledClaim & { readonly source: BackupProblem } {
  return 'reason' in claim.source;
}

/** What keeps new volumes from being filled; all of them wait for it, since half a restored app is none. */
export function fillProblem(claims: readonly UnfilledClaim[]): BackupProblem | undefined {
  const problems = claims.filter(hasProblem).map(({ source }) => source);
  return problems.find(({ final }) => final) ?? problems[0];
}

/** The lowest ordinal that may have no pod, since its StatefulSet would give it an empty volume; Infinity when there is none. */
export function firstUnfilled(situation: Situation): number {
  const claims = unfilledClaims(situation);
  if (fillProblem(claims) === undefined) return Infinity;
  return Math.min(...claims.map(({ member }) => member.ordinal));
}

/** The members that may get no slot before their volumes can be filled. */
export function unfilledMembers(situation: Situation): ReadonlySet<Member> {
  const claims = unfilledClaims(situation);
  return new Set(fillProblem(claims) === undefined ? [] : claims.map(({ member }) => member));
}
