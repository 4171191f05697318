/** One entry of `env`. */
interface EnvironmentEntry {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
}

/**
 * What a member can know about itself, in the environment of its containers. Nothing that changes when the app is scaled: that would
 * change the template, and restart every member.
 */
export function memberEnvironment(serviceName: string): readonly EnvironmentEntry[] {
  return [
    fromField('PROFFER_MEMBER', 'metadata.name'),
    fromField('PROFFER_ORDINAL', "metadata.labels['apps.kubernetes.io/pod-index']"),
    fromField('PROFFER_NAMESPACE', 'metadata.namespace'),
    fromField('PROFFER_NODE', 'spec.nodeName'),
    // Empty where the cluster does not copy the node's zone to the pod (Kubernetes does since 1.35).
    fromField('PROFFER_ZONE', "metadata.labels['topology.kubernetes.io/zone']"),
    { name: 'PROFFER_SERVICE', value: serviceName },
  ];
}

function fromField(name: string, fieldPath: string): EnvironmentEntry {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}
