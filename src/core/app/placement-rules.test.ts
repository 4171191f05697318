import { describe, expect, test } from '@jest/globals';
import { app, facts, framework } from '../../../test/support/app-builders.ts';
import { buildPodTemplate } from './build/pod-template.ts';
import { memberPods } from './member-pods.ts';
import { placementRules } from './placement-rules.ts';

const PACK = { name: 'pack', weight: 2 };
const STICKY = { name: 'stickiness', weight: 1 };

describe('placement rules of an app', () => {
  test.each([
    ['its own policies, whatever the framework says', [PACK], [STICKY], [PACK]],
    ['the framework’s where it has none', [], [STICKY, PACK], [STICKY, PACK]],
    ['spread where nobody names any', [], [], [{ name: 'spread', weight: 1 }]],
  ])('take %s', (_what, own, ofFramework, policies) => {
    const asked = facts({
      app: app({ spec: { placement: { policies: own } } }),
      framework: framework({ policies: ofFramework }),
    });
    expect(placementRules(asked).policies).toEqual(policies);
  });

  test('take spread where the framework is not known', () => {
    expect(placementRules(facts({ framework: undefined })).policies).toEqual([{ name: 'spread', weight: 1 }]);
  });
});

const withTemplate = (spec: object, labels: object = {}) =>
  app({ spec: { template: { metadata: { labels }, spec: { containers: [{ name: 'db', image: 'db:1' }], ...spec } } } });

const rule = (topologyKey: string, whenUnsatisfiable: string, rest: object = {}) => ({
  topologyKey,
  whenUnsatisfiable,
  maxSkew: 1,
  ...rest,
});

describe('the pods of an app, as other pods’ rules see them', () => {
  test('have the labels that are built into the pod template', () => {
    const asked = withTemplate({}, { tier: 'hot', 'app.kubernetes.io/version': '3' });
    expect(memberPods(asked).labels).toEqual(buildPodTemplate(asked, [], '').metadata.labels);
  });

  test('know their revision once there is a StatefulSet', () => {
    const statefulSet = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db' },
      status: { updateRevision: 'db-7' },
    };
    const rule = {
      topologyKey: 'rack',
      maxSkew: 1,
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: {},
      matchLabelKeys: ['controller-revision-hash'],
    };
    const asked = withTemplate({ topologySpreadConstraints: [rule] });
    expect(memberPods(asked, statefulSet).spread[0]?.selector).toEqual([
      { key: 'controller-revision-hash', operator: 'In', values: ['db-7'] },
    ]);
    expect(memberPods(asked).spread[0]?.selector).toEqual([]);
  });

  test('have terms in their own namespace, with the values of the label keys that they name', () => {
    const term = {
      topologyKey: 'rack',
      labelSelector: { matchLabels: { a: 'b' } },
      matchLabelKeys: ['tier'],
      mismatchLabelKeys: ['team', 'absent'],
    };
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    expect(memberPods(withTemplate({ affinity }, { tier: 'hot', team: 'x' })).antiAffinity).toEqual([
      {
        topologyKey: 'rack',
        namespaces: ['prod'],
        namespaceSelector: undefined,
        selector: [
          { key: 'a', operator: 'In', values: ['b'] },
          { key: 'tier', operator: 'In', values: ['hot'] },
          { key: 'team', operator: 'NotIn', values: ['x'] },
        ],
      },
    ]);
  });

  test('have no terms of ours: the constraint itself is kept', () => {
    const asked = app({ spec: { placement: { constraints: [{ key: '@hostname', operator: 'Unique' }] } } });
    expect(memberPods(asked).antiAffinity).toEqual([]);
  });

  test('spread by the rules that refuse, not by those that prefer', () => {
    const rules = [
      rule('rack', 'ScheduleAnyway'),
      rule('row', 'DoNotSchedule', { minDomains: 3, nodeTaintsPolicy: 'Honor', nodeAffinityPolicy: 'Ignore' }),
    ];
    expect(memberPods(withTemplate({ topologySpreadConstraints: rules })).spread).toEqual([
      { topologyKey: 'row', maxSkew: 1, minDomains: 3, selector: undefined, honorsAffinity: false, honorsTaints: true },
    ]);
  });

  test('take the ports of containers and sidecars, on the host’s network all of them', () => {
    const ports = [{ containerPort: 80 }, { containerPort: 81, hostPort: 8081, protocol: 'UDP', hostIP: '10.0.0.1' }];
    const containers = [{ name: 'db', image: 'db:1', ports }];
    const initContainers = [
      { name: 'once', image: 'x', ports: [{ containerPort: 1, hostPort: 1 }] },
      { name: 'always', image: 'x', restartPolicy: 'Always', ports: [{ containerPort: 2, hostPort: 2 }] },
    ];
    const sidecar = { ip: '0.0.0.0', protocol: 'TCP', port: 2 };
    const own = { ip: '10.0.0.1', protocol: 'UDP', port: 8081 };
    expect(memberPods(withTemplate({ containers, initContainers })).hostPorts).toEqual([sidecar, own]);
    expect(memberPods(withTemplate({ containers, initContainers, hostNetwork: true })).hostPorts).toEqual([
      sidecar,
      { ip: '0.0.0.0', protocol: 'TCP', port: 80 },
      own,
    ]);
  });
});
