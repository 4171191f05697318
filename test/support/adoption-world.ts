// A world in which somebody's StatefulSet `db` runs three pods with a volume each, and an app is made of it.
import { ANNOTATION_ADOPT } from '../../src/api/labels.ts';
import { readString } from '../../src/core/app/read-field.ts';
import { CONTAINER, DATA, NOW, app, claim, pod } from './app-builders.ts';
import { AppWorld } from './app-world.ts';
import type { SpecChange } from './world/world-state.ts';

export const THEIR_UID = 'their-sts';

const LABELS = { app: 'db' };

/** Parts of an app that differ from the StatefulSet in one thing. */
export const theirs = {
  volume: (size: string) => ({ ...DATA, size }),
  template: (image: string) => ({
    metadata: { labels: LABELS },
    spec: { containers: [{ ...CONTAINER, image, volumeMounts: [{ name: 'data', mountPath: '/data' }] }] },
  }),
};

function theirStatefulSet() {
  const template = theirs.template('db:1');
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'prod', uid: THEIR_UID, generation: 1 },
    spec: {
      replicas: 3,
      serviceName: 'db',
      selector: { matchLabels: LABELS },
      template: {
        ...template,
        spec: { ...template.spec, restartPolicy: 'Always', schedulerName: 'default-scheduler' },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: 'fast',
            resources: { requests: { storage: '1Gi' } },
          },
        },
      ],
    },
  };
}

/** `spec` replaces fields of the app that would be made of it. */
export function adoptingWorld(spec: SpecChange = {}): AppWorld {
  const world = new AppWorld({}, 3, 10);
  world.app = app({
    spec: { replicas: 3, serviceName: 'db', template: theirs.template('db:1'), volumeClaims: [DATA], ...spec },
    metadata: { uid: world.app.metadata.uid, annotations: { [ANNOTATION_ADOPT]: THEIR_UID } },
  });
  world.children.set('StatefulSet', theirStatefulSet());
  for (const ordinal of [0, 1, 2]) {
    const name = `db-${ordinal}`;
    const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: THEIR_UID };
    const labels = LABELS;
    const claims = [`data-${name}`];
    world.pods.set(
      name,
      pod({
        name,
        owner,
        labels,
        claims,
        nodeName: `n${ordinal + 1}`,
        createdAtSeconds: NOW - 700,
        schedulerName: 'default-scheduler',
      }),
    );
    world.claims.set(`data-${name}`, claim({ name: `data-${name}`, labels: LABELS }));
  }
  // Its controller says by which revision they were made.
  world.act('statefulSetController');
  const revision = readString(world.children.get('StatefulSet'), 'status', 'updateRevision');
  for (const item of world.pods.values()) {
    world.pods.set(item.name, { ...item, labels: { ...LABELS, 'controller-revision-hash': revision } });
  }
  return world;
}
