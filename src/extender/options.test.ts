import { describe, expect, test } from '@jest/globals';
import { extenderFlagsHelp, parseExtenderOptions } from './options.ts';

describe('options of the extender', () => {
  test('have defaults', () => {
    expect(parseExtenderOptions([], {})).toEqual({
      kubeconfigPath: undefined,
      port: 10262,
      httpHost: '0.0.0.0',
      httpPort: 8081,
      schedulerName: 'proffer-scheduler',
      operatorLease: { namespace: 'proffer-system', name: 'proffer-operator' },
      logLevel: 'info',
    });
  });

  test('come from flags first, then from the environment', () => {
    const env = { PROFFER_EXTENDER_PORT: '1', PROFFER_EXTENDER_LOG_LEVEL: 'warn' };
    expect(parseExtenderOptions(['--port', '2', '--kubeconfig', '/k'], env)).toMatchObject({
      port: 2,
      logLevel: 'warn',
      kubeconfigPath: '/k',
    });
  });

  test('take the operator to be in the namespace of the pod', () => {
    const { operatorLease } = parseExtenderOptions(['--operator-lease=other'], { POD_NAMESPACE: 'here' });
    expect(operatorLease).toEqual({ namespace: 'here', name: 'other' });
  });

  test.each([
    [['--port', '70000'], /--port must be a whole number from 0 to 65535, not "70000"/],
    [['--http-port=-2'], /--http-port must be a whole number from 0 to 65535 or off, not "-2"/],
    [['--log-level', 'loud'], /--log-level must be one of debug, info, warn, error, not "loud"/],
    [['--nonsense', '1'], /nonsense/],
  ])('that are wrong are named: %p', (argv, message) => {
    expect(() => parseExtenderOptions(argv, {})).toThrow(message);
  });

  test('are all in the help text', () => {
    for (const flag of ['--kubeconfig', '--port', '--http-port', '--scheduler-name', '--log-level'])
      expect(extenderFlagsHelp()).toContain(flag);
  });
});
