/** What differs from one installation to the next. */
export interface SchedulerConfigOptions {
  /** Default `proffer-scheduler`: what pods write as `spec.schedulerName`. */
  readonly schedulerName?: string;
  /** Where the extender listens on the loopback address. */
  readonly extenderPort: number;
  /** Where the lease of kube-scheduler's own leader election lives. */
  readonly leaseNamespace: string;
  /** Absent in a pod, where the service account's credentials are used. */
  readonly kubeconfigPath?: string;
  /** Default true; false for a single process that nobody stands by for. */
  readonly leaderElect?: boolean;
}

/** Where the extender listens unless told otherwise: beside 10259, where kube-scheduler serves. */
export const EXTENDER_PORT = 10262;

/**
 * Final score = extender score (0 … 10) × weight × 10, and all in-tree plugins together reach about 1,200: at 12, a member's slot
 * overrides them, and the 1 that other pods get for a node where nothing is held counts like one plugin.
 */
export const EXTENDER_WEIGHT = 12;

/** The KubeSchedulerConfiguration that we ship. The chart's ConfigMap says the same. */
export function schedulerConfig(options: SchedulerConfigOptions): object {
  return {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    // Only so does the extender see every node: else a sample, in which the slot's node may be missing (kubernetes/kubernetes#122057).
    percentageOfNodesToScore: 100,
    // A woken pod waits out its backoff: kept short, as a slot that was just made should be used.
    podInitialBackoffSeconds: 1,
    podMaxBackoffSeconds: 2,
    // The defaults, 50 and 100, hold every scheduler to 50 pods a second; the API server defends itself (priority and fairness).
    clientConnection: {
      ...(options.kubeconfigPath === undefined ? {} : { kubeconfig: options.kubeconfigPath }),
      qps: 500,
      burst: 1000,
    },
    leaderElection: {
      leaderElect: options.leaderElect ?? true,
      resourceName: 'proffer-scheduler',
      resourceNamespace: options.leaseNamespace,
    },
    profiles: [{ schedulerName: options.schedulerName ?? 'proffer-scheduler' }],
    extenders: [
      {
        urlPrefix: `http://127.0.0.1:${options.extenderPort}/`,
        filterVerb: 'filter',
        prioritizeVerb: 'prioritize',
        preemptVerb: 'preempt',
        weight: EXTENDER_WEIGHT,
        nodeCacheCapable: true,
        ignorable: false,
        httpTimeout: '2s',
      },
    ],
  };
}
