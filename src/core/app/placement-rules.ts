import type { NodeRequirement, PlacementRules, Toleration, VolumeDemand, WeightedPolicy } from '../allocator/demand.ts';
import { claimName } from './claim-name.ts';
import type { AppFacts } from './facts.ts';
import type { Member, Situation } from './situation.ts';

/** Where members may go, from the app, its template and, for preferences that it does not name, its framework. */
export function placementRules({ app, framework }: Pick<AppFacts, 'app' | 'framework'>): PlacementRules {
  const { spec } = app.spec.template;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return {
    constraints: app.spec.placement.constraints,
    policies: policiesOf(app.spec.placement.policies, framework?.spec.policies ?? []),
    nodeSelector: spec.nodeSelector ?? {},
    nodeAffinityTerms: required?.nodeSelectorTerms.map((term) =>
      [...(term.matchExpressions ?? []), ...(term.matchFields ?? [])].map(
        ({ key, operator, values }): NodeRequirement => ({ key, operator, values: values ?? [] }),
      ),
    ),
    tolerations: (spec.tolerations ?? []) as readonly Toleration[],
  };
}

function policiesOf(own: readonly WeightedPolicy[], ofFramework: readonly WeightedPolicy[]): readonly WeightedPolicy[] {
  if (own.length > 0) return own;
  return ofFramework.length > 0 ? ofFramework : [{ name: 'spread', weight: 1 }];
}

/** The member's volumes: a claim that exists keeps its class, and its size where that is the larger one. */
export function volumeDemands(member: Member, { app, volumes }: Situation): readonly VolumeDemand[] {
  return volumes.map(({ claim, bytes, newBytes, storageClassName }) => {
    const name = claimName(claim.name, app.metadata.name, member.ordinal);
    const live = member.claims.find((candidate) => candidate.name === name);
    return {
      claim: name,
      pool: claim.pool ?? '',
      storageClassName: live?.storageClassName || storageClassName,
      bytes: live === undefined ? newBytes : Math.max(bytes, live.bytes),
    };
  });
}
