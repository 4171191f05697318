import { DONE, type Step } from './step.ts';

/** Tells how far scale-in is: the workload step makes the StatefulSet smaller, and a slot goes when its pod is gone. */
export const scaleIn: Step = {
  name: 'scale-in',
  run: ({ situation }) => {
    const { app, members, livePods } = situation;
    if (app.spec.suspend) return DONE;
    const leaving = members.filter((member) => !member.wanted && member.pod !== undefined);
    const [next] = leaving.toReversed();
    const extra = Math.max(leaving.length, livePods - app.spec.replicas);
    if (extra <= 0) return DONE;
    const message =
      next === undefined ? 'the StatefulSet gets smaller' : `waits for ${next.name} to stop; its volumes stay`;
    const operation = {
      type: 'ScaleIn',
      progress: `${app.spec.replicas + extra} to ${app.spec.replicas}`,
      blockedBy: next === undefined ? '' : 'PodGone',
      message,
    };
    return { state: 'waiting', operation };
  },
};
