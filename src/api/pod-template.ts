import { z } from 'zod';
import type { Immutable } from './immutable.ts';
import { text } from './text.ts';

/**
 * The pod template is passed through to the StatefulSet as it is, fields that we do not know included; the API server judges
 * it in a dry-run. Only what we read ourselves is typed, and loosely, so that a newer Kubernetes is not in our way.
 */

/** Kubernetes takes fractions without quotes (`cpu: 0.5`) in a pod, which no schema of a CRD can say: any value, then. */
const Amount = z.union([z.number(), z.string()]).meta({ 'x-kubernetes-preserve-unknown-fields': true });
const Amounts = z.record(z.string().max(317), Amount);

const Resources = z.looseObject({
  requests: Amounts.optional().describe('What is reserved for the container.'),
  limits: Amounts.optional().describe('What the container may use; also its requests where those are not given.'),
});

export const PodContainer = z.looseObject({
  name: text(63).describe('Name of the container.'),
  restartPolicy: text(32).optional().describe('Always makes an init container a sidecar.'),
  resources: Resources.optional().describe('What the container needs; slots are sized by it.'),
});

const Requirement = z.looseObject({
  key: text(317).describe('A node label or field.'),
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']).describe('How `values` are compared.'),
  values: z.array(text(1024)).max(1024).optional().describe('The values.'),
});

const NodeSelectorTerm = z.looseObject({
  matchExpressions: z.array(Requirement).max(128).optional().describe('Requirements on node labels; all must hold.'),
  matchFields: z.array(Requirement).max(128).optional().describe('Requirements on node fields; all must hold.'),
});

const NodeAffinity = z.looseObject({
  requiredDuringSchedulingIgnoredDuringExecution: z
    .looseObject({
      nodeSelectorTerms: z.array(NodeSelectorTerm).max(128).describe('One of these terms must hold.'),
    })
    .optional()
    .describe('Members go only to nodes that match.'),
});

const Affinity = z.looseObject({
  nodeAffinity: NodeAffinity.optional().describe('Which nodes members may go to.'),
});

const Toleration = z.looseObject({
  key: text(317).optional().describe('The taint; absent with operator Exists: every taint.'),
  operator: text(32).optional().describe('Exists or Equal (default).'),
  value: text(63).optional().describe('The value for Equal.'),
  effect: text(32).optional().describe('NoSchedule, PreferNoSchedule or NoExecute; absent: all.'),
  tolerationSeconds: z.int().optional().describe('How long a NoExecute taint is tolerated.'),
});

const TopologySpreadConstraint = z.looseObject({
  topologyKey: text(317).describe('The node label whose values are the domains.'),
  maxSkew: z.int().min(1).describe('By how many pods domains may differ.'),
  whenUnsatisfiable: text(32).describe('DoNotSchedule or ScheduleAnyway.'),
  labelSelector: z.looseObject({}).optional().describe('Which pods count.'),
});

export const PodSpec = z.looseObject({
  containers: z.array(PodContainer).min(1).max(64).describe('The containers of a member; one at least.'),
  initContainers: z
    .array(PodContainer)
    .max(64)
    .optional()
    .describe('Containers that run before the others, and sidecars.'),
  overhead: Amounts.optional().describe('What the runtime class needs on top of the containers.'),
  resources: Resources.optional().describe('Resources of the pod as a whole, where the cluster supports it.'),
  nodeSelector: z.record(z.string().max(317), text(63)).optional().describe('Node labels that a member needs.'),
  affinity: Affinity.optional().describe('Affinity rules; required node affinity is respected when slots are chosen.'),
  tolerations: z.array(Toleration).max(256).optional().describe('Taints that members tolerate.'),
  topologySpreadConstraints: z
    .array(TopologySpreadConstraint)
    .max(32)
    .optional()
    .describe('Kubernetes spreading rules, in addition to `placement.constraints`.'),
  schedulerName: text(253).optional().describe('Leave it out: members are scheduled by proffer-scheduler.'),
  priorityClassName: text(253).optional().describe('Absent: the PriorityClass that Proffer was installed with.'),
  terminationGracePeriodSeconds: z.int().min(0).optional().describe('Seconds that a member has to stop.'),
  volumes: z
    .array(z.looseObject({ name: text(63).describe('Name of the volume.') }))
    .max(256)
    .optional()
    .describe("The pod's other volumes, apart from `volumeClaims`."),
});
export type PodSpec = Immutable<z.infer<typeof PodSpec>>;

export const PodTemplate = z.object({
  metadata: z
    .looseObject({
      labels: z.record(z.string().max(317), text(63)).optional().describe('Labels of every member.'),
      annotations: z.record(z.string().max(317), text(262_144)).optional().describe('Annotations of every member.'),
    })
    .optional()
    .describe('Labels and annotations of the pods; names are given by Proffer.'),
  spec: PodSpec.describe('The pod, as in a StatefulSet. Fields that are not listed here are passed through.'),
});
export type PodTemplate = Immutable<z.infer<typeof PodTemplate>>;
