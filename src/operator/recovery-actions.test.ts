import { beforeEach, describe, expect, test } from '@jest/globals';
import { ANNOTATION_FENCED } from '../api/labels.ts';
import { KubeError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import type { ResourceType } from '../kube/resource-type.ts';
import type { NodeTrouble } from '../core/recovery/node-trouble.ts';
import { RecoveryActions } from './recovery-actions.ts';

const APP = { namespace: 'shop', name: 'db', uid: 'app-1' };
const RENEWED = '2026-01-02T03:04:05.000000Z';
const TAINT = { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' };
const OTHER_TAINT = { key: 'team', value: 'a', effect: 'NoSchedule' };

class FakeApi {
  readonly objects = new Map<string, KubeObject>();
  readonly writes: unknown[] = [];
  refusal: KubeError | undefined;

  put(object: KubeObject): void {
    this.objects.set(`${object.kind} ${object.metadata.name}`, object);
  }

  async get(type: ResourceType, _namespace: string | undefined, name: string): Promise<KubeObject | undefined> {
    return this.objects.get(`${type.kind} ${name}`);
  }

  async delete(type: ResourceType, _namespace: string | undefined, name: string, options: object): Promise<void> {
    this.writes.push({ delete: `${type.kind} ${name}`, ...options });
  }

  async patchCas(type: ResourceType, _namespace: unknown, name: string, patch: object, version: string) {
    if (this.refusal !== undefined) throw this.refusal;
    this.writes.push({ patch: `${type.kind} ${name}`, version, ...patch });
    return { apiVersion: '', kind: '', metadata: { name } };
  }
}

const controlled = (by: string, kind: string) => ({
  ownerReferences: [{ apiVersion: 'v1', kind, name: 'db', uid: by, controller: true }],
});

describe('what recovery takes from a lost node', () => {
  let api: FakeApi;
  let actions: RecoveryActions;
  let asked: object[];
  let trouble: NodeTrouble | undefined;
  const silent: NodeTrouble = {
    name: 'n1',
    uid: 'node-1',
    silentSeconds: 31,
    renewedAt: RENEWED,
    ready: true,
    outOfService: 'no',
    instance: 'unknown',
    wholeNodeProblem: '',
  };
  const pod = {
    kind: 'forceDeletePod',
    namespace: 'shop',
    name: 'db-0',
    uid: 'pod-1',
    nodeName: 'n1',
    nodeUID: 'node-1',
    renewedAt: RENEWED,
    why: 'evidence',
  } as const;
  const node = { kind: 'declareOutOfService', nodeName: 'n1', uid: 'node-1', renewedAt: RENEWED, why: 'db-0' } as const;
  const attachment = {
    kind: 'deleteAttachment',
    name: 'csi-1',
    uid: 'va-1',
    nodeName: 'n1',
    nodeUID: 'node-1',
    volumeName: 'pv-1',
    renewedAt: RENEWED,
    why: 'db-0',
  } as const;

  const putPod = (parts: { readonly uid?: string; readonly nodeName?: string; readonly owner?: string } = {}): void => {
    const { uid = 'pod-1', nodeName = 'n1', owner = 'sts-1' } = parts;
    const metadata = {
      name: 'db-0',
      namespace: 'shop',
      uid,
      resourceVersion: '7',
      ...controlled(owner, 'StatefulSet'),
    };
    api.put({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName } });
  };
  const putNode = (taints: readonly object[], annotations: Readonly<Record<string, string>> = {}, isReady = true) => {
    const metadata = { name: 'n1', uid: 'node-1', resourceVersion: '9', annotations };
    const status = { conditions: [{ type: 'Ready', status: isReady ? 'True' : 'Unknown' }] };
    api.put({ apiVersion: 'v1', kind: 'Node', metadata, spec: { taints }, status });
  };
  const putLease = (renewTime: string): void => {
    api.put({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'n1' }, spec: { renewTime } });
  };

  beforeEach(() => {
    api = new FakeApi();
    const statefulSet = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db', uid: 'sts-1', ...controlled('app-1', 'PersistentApp') },
    };
    const log = { info: () => undefined, warn: () => undefined };
    asked = [];
    const askFencing = (action: object) => void asked.push(action);
    trouble = silent;
    actions = new RecoveryActions(
      { writer: api, cached: () => statefulSet, now: () => 0, log, askFencing, troubleOf: () => trouble },
      true,
    );
    putPod();
    putNode([OTHER_TAINT]);
    putLease(RENEWED);
    const spec = { nodeName: 'n1', source: { persistentVolumeName: 'pv-1' } };
    api.put({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name: 'csi-1', uid: 'va-1', resourceVersion: '5' },
      spec,
    });
  });

  test('is the very pod, at once', async () => {
    await actions.forceDeletePod(APP, pod);
    expect(api.writes).toEqual([{ delete: 'Pod db-0', uid: 'pod-1', resourceVersion: '7', gracePeriodSeconds: 0 }]);
  });

  test('is the very attachment', async () => {
    await actions.deleteAttachment(attachment);
    expect(api.writes).toEqual([{ delete: 'VolumeAttachment csi-1', uid: 'va-1', resourceVersion: '5' }]);
  });

  test('is the node as a whole, with our mark, and the taints of others stay', async () => {
    await actions.declareOutOfService(node);
    const metadata = { uid: 'node-1', annotations: { [ANNOTATION_FENCED]: '1970-01-01T00:00:00Z' } };
    expect(api.writes).toEqual([{ patch: 'Node n1', version: '9', metadata, spec: { taints: [OTHER_TAINT, TAINT] } }]);
  });

  test('is nothing when the node has renewed its Lease meanwhile', async () => {
    putLease('2026-01-02T03:04:35.000000Z');
    await actions.forceDeletePod(APP, pod);
    await actions.deleteAttachment(attachment);
    await actions.declareOutOfService(node);
    expect(api.writes).toEqual([]);
  });

  test('is nothing when the node was made anew meanwhile, or is there again', async () => {
    await actions.forceDeletePod(APP, { ...pod, nodeUID: 'node-0' });
    await actions.deleteAttachment({ ...attachment, nodeUID: '' });
    expect(api.writes).toEqual([]);
  });

  const SAID: NodeTrouble = { ...silent, silentSeconds: 0, ready: false, outOfService: 'byOthers' };
  const SHUTDOWN = { key: 'node.cloudprovider.kubernetes.io/shutdown', value: '', effect: 'NoSchedule' };

  test.each<[string, NodeTrouble | undefined, readonly object[], boolean]>([
    ['somebody took their word back that it is out of service', { ...SAID, silentSeconds: 31 }, [OTHER_TAINT], true],
    ['the cloud took its word back', { ...silent, instance: 'shutdown' }, [], true],
    ['it is ready again, and was never silent', SAID, [TAINT], true],
    ['nothing is wrong with it any more', undefined, [], true],
  ])('is nothing when the view of the node is old: %s', async (_what, judged, taints, isReady) => {
    trouble = judged;
    putNode(taints, {}, isReady);
    await actions.forceDeletePod(APP, pod);
    await actions.deleteAttachment(attachment);
    await actions.declareOutOfService(node);
    expect(api.writes).toEqual([]);
  });

  test.each<[string, NodeTrouble, readonly object[]]>([
    ['out of service', SAID, [TAINT]],
    ['shut down', { ...SAID, outOfService: 'no', instance: 'shutdown' }, [SHUTDOWN]],
  ])('is what is there while the node is still said to be %s', async (_what, judged, taints) => {
    trouble = judged;
    putNode(taints, {}, false);
    await actions.forceDeletePod(APP, pod);
    expect(api.writes).toHaveLength(1);
  });

  test('the fencing hook is asked about a node that is still lost, and about no other', async () => {
    const ask = {
      kind: 'askFencing',
      nodeName: 'n1',
      uid: 'node-1',
      renewedAt: RENEWED,
      member: 'shop/db-0',
      why: 'w',
    } as const;
    await actions.askFencing(ask);
    expect(asked).toEqual([ask]);
    putLease('2026-01-02T03:04:35.000000Z');
    await actions.askFencing(ask);
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['is another one of its name', { uid: 'pod-2' }],
    ['runs elsewhere by now', { nodeName: 'n2' }],
  ])('is not a pod that %s', async (_, parts) => {
    putPod(parts);
    await actions.forceDeletePod(APP, pod);
    expect(api.writes).toEqual([]);
  });

  test('is not a pod of somebody else', async () => {
    putPod({ owner: 'sts-of-others' });
    await expect(actions.forceDeletePod(APP, pod)).rejects.toThrow('is not controlled by this app');
    expect(api.writes).toEqual([]);
  });

  test('is not a node that was made anew, nor one that is out of service already', async () => {
    await actions.declareOutOfService({ ...node, uid: 'node-0' });
    putNode([TAINT]);
    await actions.declareOutOfService(node);
    expect(api.writes).toEqual([]);
  });

  test('without the right to taint nodes it is told so once, and asked for no more', async () => {
    api.refusal = new KubeError({ status: 403, reason: 'Forbidden', message: 'no' });
    expect(actions.mayTaint).toBe(true);
    await actions.declareOutOfService(node);
    expect(actions.mayTaint).toBe(false);
  });

  test('is given back: our taint and our mark, and nothing else', async () => {
    putNode([OTHER_TAINT, TAINT], { [ANNOTATION_FENCED]: 'then' });
    expect(await actions.takeBack('n1', 'node-1')).toBe(true);
    const metadata = { uid: 'node-1', annotations: { [ANNOTATION_FENCED]: null } };
    expect(api.writes).toEqual([{ patch: 'Node n1', version: '9', metadata, spec: { taints: [OTHER_TAINT] } }]);
  });

  test('a taint that somebody changed since is theirs, and only our mark goes', async () => {
    const theirs = { ...TAINT, value: 'confirmed' };
    putNode([theirs], { [ANNOTATION_FENCED]: 'then' });
    expect(await actions.takeBack('n1', 'node-1')).toBe(true);
    expect(api.writes).toMatchObject([
      { spec: { taints: [theirs] }, metadata: { annotations: { [ANNOTATION_FENCED]: null } } },
    ]);
  });

  test('a taint without our mark is somebody else’s, and stays', async () => {
    putNode([OTHER_TAINT, TAINT]);
    expect(await actions.takeBack('n1', 'node-1')).toBe(true);
    expect(api.writes).toEqual([]);
  });
});
