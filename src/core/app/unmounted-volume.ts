import type { VolumeClaim } from '../../api/volume-claim.ts';
import { readList, readString } from './read-field.ts';
import type { Situation } from './situation.ts';
import type { Finding } from './steps/step.ts';

/**
 * Volumes that no container of the template would mount, since each has something else at their path. Every single container may know
 * better; when all do, members write what they must keep into whatever is there (an emptyDir, the image), and it goes with their pod.
 */
export function unmountedVolumeFindings({ app }: Situation): readonly Finding[] {
  const { containers, initContainers = [] } = app.spec.template.spec;
  return app.spec.volumeClaims
    .filter(({ name }) => ![...containers, ...initContainers].some((container) => mountOf(container, 'name', name)))
    .flatMap((volume) => {
      const others = containers.map((container) => mountOf(container, 'mountPath', volume.mountPath));
      return others.includes(undefined) ? [] : [{ ...unmounted(volume, others.join(', ')), stalls: true, holds: HELD }];
    });
}

/** Members that run keep what they have: a restart by such a template would part them from their data. */
const HELD: Finding['holds'] = ['reserve', 'workload', 'update'];

/** `CONTAINER has VOLUME` for the mount of which `field` has this value; undefined: the container has none. */
function mountOf(container: unknown, field: 'name' | 'mountPath', value: string): string | undefined {
  const mount = readList(container, 'volumeMounts').find((each) => readString(each, field) === value);
  return mount === undefined
    ? undefined
    : `container ${readString(container, 'name')} has ${readString(mount, 'name')}`;
}

function unmounted({ name, mountPath }: VolumeClaim, others: string): Pick<Finding, 'reason' | 'message'> {
  const message = `no container would mount volume ${name}: at its path ${mountPath} ${others}; take those mounts out of spec.template, or give the volume another mountPath`;
  return { reason: 'VolumeNotMounted', message };
}
