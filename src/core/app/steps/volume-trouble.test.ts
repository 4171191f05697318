import { describe, expect, test } from '@jest/globals';
import { parseAppOperation } from '../../../api/parse.ts';
import type { AppFacts } from '../facts.ts';
import { plan } from '../make-plan.ts';
import type { Action } from '../plan.ts';
import { formatTime } from '../rfc3339.ts';
import {
  DATA,
  LAUNCHED_ALONE,
  NOW,
  app,
  claim,
  facts,
  pod,
  reservation,
  slot,
} from '../../../../test/support/app-builders.ts';

const REBUILD = { policy: 'Rebuild', rebuildAfterSeconds: 60 };
const BROKEN = {
  namespace: 'prod',
  kind: 'Pod',
  name: 'db-0',
  uid: 'uid-db-0',
  reason: 'FailedMount',
  message: 'MountVolume.MountDevice failed for volume "pv-data-db-0" : rpc error: code = Internal desc = lost',
  lastSeconds: NOW - 5,
} as const;

interface Story {
  readonly recovery?: object;
  readonly replicas?: number;
  /** For so long the status has said that the volume fails. */
  readonly failingSeconds?: number;
  readonly otherReady?: boolean;
  readonly operations?: AppFacts['operations'];
  readonly ready?: boolean;
  readonly volumeEvents?: AppFacts['volumeEvents'];
}

function planned(story: Story) {
  const { recovery = {}, replicas = 2, failingSeconds = 0, otherReady = true, operations = [] } = story;
  const volumes = [{ claim: 'data-db-0', state: 'Failed', failingSince: formatTime(NOW - failingSeconds) }];
  const members = [0, 1].slice(0, replicas);
  return plan(
    facts({
      app: app({
        spec: { replicas, volumeClaims: [DATA], recovery: { volumeFailure: recovery, localVolumeLoss: recovery } },
        status: { members: [{ name: 'db-0', state: 'Ready', volumes }] },
      }),
      statefulSet: { ...LAUNCHED_ALONE, spec: { replicas } },
      reservation: reservation(
        members.map((at) => slot({ member: `db-${at}`, node: `n${at + 1}`, state: 'Claimed', podUID: `uid-db-${at}` })),
      ),
      pods: members.map((at) =>
        pod({
          name: `db-${at}`,
          nodeName: `n${at + 1}`,
          ready: at === 0 ? (story.ready ?? false) : otherReady,
          problem: at === 0 && story.ready !== true ? 'ContainerCreating' : undefined,
          claims: [`data-db-${at}`],
        }),
      ),
      claims: members.map((at) => claim({ name: `data-db-${at}` })),
      volumeEvents: story.volumeEvents ?? [BROKEN],
      operations,
    }),
    NOW,
  );
}

const ordered = (story: Story) =>
  planned(story).actions.flatMap((action: Action) =>
    action.kind === 'create' ? [(action.object['spec'] as { type: string; members: string[] }).type] : [],
  );
const blockedBy = (story: Story) =>
  planned(story).status.operations.find(({ type }) => type === 'VolumeTrouble')?.blockedBy;

const restarted = (() => {
  const [made] = planned({ failingSeconds: 30 }).actions.flatMap((action) =>
    action.kind === 'create' ? [action.object] : [],
  );
  return parseAppOperation({ ...made, status: { state: 'Failed', finishedAt: formatTime(NOW - 30) } });
})();

describe('a member that its volume keeps from working', () => {
  test('is not touched at once, and its status says since when and what is wrong', () => {
    const { actions, status, wakeAfterSeconds } = planned({ failingSeconds: 5 });
    expect(actions.filter(({ kind }) => kind === 'create')).toEqual([]);
    expect(status.members[0]?.volumes[0]).toMatchObject({ state: 'Failed', failingSince: formatTime(NOW - 5) });
    expect(status.conditions.find(({ type }) => type === 'VolumesHealthy')).toMatchObject({
      status: 'False',
      reason: 'VolumeFailed',
      message: expect.stringMatching(/^1 of 2 volumes: data-db-0 Failed .*Internal desc = lost/),
    });
    expect(wakeAfterSeconds).toBeLessThanOrEqual(15);
  });

  test('is restarted first, whatever the policy', () => {
    expect(ordered({ failingSeconds: 30 })).toEqual(['Restart']);
    expect(ordered({ failingSeconds: 30, recovery: REBUILD })).toEqual(['Restart']);
  });

  test.each<[string, Story, string]>([
    ['the policy is Wait', { recovery: { policy: 'Wait' } }, 'PolicyWait'],
    [
      'it was not broken for long enough',
      { recovery: { policy: 'Rebuild', rebuildAfterSeconds: 600 } },
      'RebuildAfterSeconds',
    ],
    ['another member is not ready', { recovery: REBUILD, otherReady: false }, 'MembersReady'],
    ['it is the only one', { recovery: REBUILD, replicas: 1 }, 'OnlyMember'],
  ])('is not rebuilt when %s', (_, story, check) => {
    const all = { failingSeconds: 300, operations: [restarted], ...story };
    expect(ordered(all)).toEqual([]);
    expect(blockedBy(all)).toBe(check);
  });

  test('is rebuilt when the restart did not help, the policy says so and all others are well', () => {
    expect(ordered({ failingSeconds: 300, operations: [restarted], recovery: REBUILD })).toEqual(['Rebuild']);
  });

  test('is not rebuilt again when somebody called that off', () => {
    const story = { failingSeconds: 300, operations: [restarted], recovery: REBUILD };
    const [made] = planned(story).actions.flatMap((action) => (action.kind === 'create' ? [action.object] : []));
    const cancelled = parseAppOperation({ ...made, status: { state: 'Cancelled' } });
    const again = { ...story, operations: [restarted, cancelled] };
    expect(ordered(again)).toEqual([]);
    expect(blockedBy(again)).toMatch(/^AppOperation\/db-0-rebuild-/);
  });

  test('is left alone while it works, and while its storage is merely called abnormal', () => {
    expect(ordered({ failingSeconds: 300, ready: true })).toEqual([]);
    const rebuilding = {
      ...BROKEN,
      kind: 'PersistentVolumeClaim',
      uid: 'uid-data-db-0',
      reason: 'VolumeConditionAbnormal',
      message: 'rebuilding',
    } as const;
    const { actions, status } = planned({ failingSeconds: 300, recovery: REBUILD, volumeEvents: [rebuilding] });
    expect(actions.filter(({ kind }) => kind === 'create')).toEqual([]);
    expect(status.members[0]?.volumes[0]).toMatchObject({ state: 'Abnormal', message: 'Abnormal: rebuilding' });
  });
});
