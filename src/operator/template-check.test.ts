import { beforeEach, describe, expect, test } from '@jest/globals';
import { parsePersistentApp } from '../api/parse.ts';
import { KubeError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { TemplateCheck } from './template-check.ts';

function app(generation: number) {
  return parsePersistentApp({
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'PersistentApp',
    metadata: { name: 'db', namespace: 'shop', uid: 'u1', generation },
    spec: {
      template: { spec: { containers: [{ name: 'c', image: 'busybox' }] } },
      volumeClaims: [{ name: 'data', mountPath: '/data', size: '1Gi', pool: 'fast' }],
    },
  });
}

const refused = (status: number, message: string) => new KubeError({ status, reason: 'x', message });

describe('the dry-run of a template', () => {
  let asked: KubeObject[];
  let failure: KubeError | undefined;
  let templates: TemplateCheck;

  beforeEach(() => {
    asked = [];
    failure = undefined;
    const dryRunApply = async (pod: KubeObject) => {
      asked.push(pod);
      if (failure !== undefined) throw failure;
      return pod;
    };
    templates = new TemplateCheck({ dryRunApply }, 'their-scheduler');
  });

  test('asks once per generation, about a pod as the StatefulSet would make it', async () => {
    expect((await templates.ask(app(1), 'member')).problem).toBeUndefined();
    expect((await templates.ask(app(1), 'member')).problem).toBeUndefined();
    await templates.ask(app(2), 'member');
    expect(asked).toHaveLength(2);
    expect(asked[0]).toMatchObject({
      kind: 'Pod',
      metadata: { namespace: 'shop' },
      spec: {
        schedulerName: 'their-scheduler',
        priorityClassName: 'member',
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
      },
    });
  });

  test.each([400, 422])('a refusal with %i is the template, and is remembered', async (status) => {
    failure = refused(status, 'unknown field "spec.containers[0].imagee"');
    expect((await templates.ask(app(1), '')).problem).toBe('unknown field "spec.containers[0].imagee"');
    await templates.ask(app(1), '');
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['Pod "proffer-check-u1" is invalid: spec.x: Required value', 'Pod "db" is invalid: spec.x: Required value'],
    [
      'failed to convert new object (shop/proffer-check-u1; /v1, Kind=Pod) to proper version: unable to convert unstructured object to /v1, Kind=Pod: quantities must match',
      'quantities must match',
    ],
  ])('does not speak of the pod that was only made up: %s', async (answered, told) => {
    failure = refused(422, answered);
    expect((await templates.ask(app(1), '')).problem).toBe(told);
  });

  test('a refusal by Pod Security is the template, and is asked again since the namespace may change', async () => {
    failure = refused(403, 'pods "x" is forbidden: violates PodSecurity "restricted:latest"');
    expect((await templates.ask(app(1), '')).problem).toContain('violates PodSecurity');
    failure = undefined;
    expect((await templates.ask(app(1), '')).problem).toBeUndefined();
  });

  test.each(['exceeded quota: pods', 'error looking up service account shop/default', 'cannot create resource "pods"'])(
    '%s is not the template',
    async (message) => {
      failure = refused(403, message);
      expect((await templates.ask(app(1), '')).problem).toBeUndefined();
    },
  );

  test('a failure of the network is thrown, to be tried again', async () => {
    failure = refused(0, 'connection refused');
    await expect(templates.ask(app(1), '')).rejects.toThrow('connection refused');
  });
});
