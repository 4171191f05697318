import { describe, expect, test } from '@jest/globals';
import { firstDifference } from './first-difference.ts';
import { plainTemplate } from './plain-template.ts';

const container = (parts: object = {}) => ({ name: 'db', image: 'db:1', ...parts });
const template = (parts: object = {}, spec: object = {}) => ({ spec: { containers: [container(parts)], ...spec } });

describe('a pod template without what the API server fills in', () => {
  test.each([
    ['of a pod', template({}, { restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', securityContext: {} })],
    ['the time to stop', template({}, { terminationGracePeriodSeconds: 30 })],
    ['the scheduler, since it is ours then', template({}, { schedulerName: 'default-scheduler' })],
    ['of a container', template({ terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' })],
    ['empty resources and the pull policy of a tag', template({ resources: {}, imagePullPolicy: 'IfNotPresent' })],
    ['no marks', { ...template(), metadata: { creationTimestamp: null, labels: {} } }],
    ['marks of ours', { ...template(), metadata: { labels: { 'proffer.dev/app': 'db' } } }],
  ])('%s', (_what, given) => {
    expect(plainTemplate(given)).toEqual(template());
  });

  test.each([
    ['another time to stop', template({}, { terminationGracePeriodSeconds: 31 })],
    ['a pull policy that is not the default', template({ imagePullPolicy: 'Always' })],
    ['an init container that is a sidecar', template({}, { initContainers: [container({ restartPolicy: 'Always' })] })],
    ['a label that looks like a default', { metadata: { labels: { protocol: 'TCP' } }, ...template() }],
    ['a node selector that looks like one', template({}, { nodeSelector: { protocol: 'TCP' } })],
    ['an empty directory', template({}, { volumes: [{ name: 'tmp', emptyDir: {} }] })],
  ])('keeps %s', (_what, given) => {
    expect(plainTemplate(given)).toEqual(given);
  });

  test('defaults of probes, ports and references go, and the rest stays', () => {
    const probe = { httpGet: { path: '/', port: 1, scheme: 'HTTP' }, timeoutSeconds: 1, periodSeconds: 5 };
    const env = [{ name: 'A', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } }];
    const given = template({ readinessProbe: probe, ports: [{ containerPort: 1, protocol: 'TCP' }], env });
    expect(plainTemplate(given)).toEqual(
      template({
        readinessProbe: { httpGet: { path: '/', port: 1 }, periodSeconds: 5 },
        ports: [{ containerPort: 1 }],
        env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      }),
    );
  });

  test.each([
    ['registry:5000/db', 'Always'],
    ['db:latest', 'Always'],
    ['db@sha256:0123', 'IfNotPresent'],
    ['registry:5000/db:1', 'IfNotPresent'],
  ])('the default pull policy of %s is %s', (image, imagePullPolicy) => {
    expect(plainTemplate(template({ image, imagePullPolicy }))).toEqual(template({ image }));
  });
});

describe('the first difference', () => {
  test.each([
    ['nothing', { a: [1] }, { a: [1] }, undefined],
    ['amounts that are the same', { requests: { cpu: '1000m' } }, { requests: { cpu: 1 } }, undefined],
    [
      'another image',
      { c: [{ image: 'a' }] },
      { c: [{ image: 'b' }] },
      { path: 'c[0].image', left: '"a"', right: '"b"' },
    ],
    ['one more', { c: [] }, { c: ['x'] }, { path: 'c[0]', left: 'nothing', right: '"x"' }],
    ['another amount', { limits: { cpu: 1 } }, { limits: { cpu: 2 } }, { path: 'limits.cpu', left: '1', right: '2' }],
  ])('is %s', (_what, left, right, found) => {
    expect(firstDifference(left, right)).toEqual(found);
  });
});
