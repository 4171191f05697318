import { describe, expect, test } from '@jest/globals';
import { operatorFlagsHelp, parseOperatorOptions } from './options.ts';

describe('operator options', () => {
  test('have defaults that suit a pod', () => {
    const options = parseOperatorOptions([], { POD_NAMESPACE: 'prod', POD_NAME: 'proffer-operator-7' });
    expect(options).toMatchObject({
      namespace: 'prod',
      identity: 'proffer-operator-7',
      leaseName: 'proffer-operator',
      leaseSeconds: 15,
      renewSeconds: 10,
      retrySeconds: 2,
      httpPort: 8080,
    });
    expect(options.kubeconfigPath).toBeUndefined();
  });

  test('a flag wins over its environment variable', () => {
    expect(parseOperatorOptions(['--http-port', '0'], { PROFFER_HTTP_PORT: '9000' }).httpPort).toBe(0);
    expect(parseOperatorOptions([], { PROFFER_HTTP_PORT: '9000' }).httpPort).toBe(9000);
  });

  test('a fencing hook is asked only where one is given', () => {
    expect(parseOperatorOptions([], {}).fencingHook).toBeUndefined();
    const given = ['--fencing-hook-url', 'https://agent/fence', '--fencing-hook-token-file', '/token'];
    const hook = { url: 'https://agent/fence', tokenPath: '/token', timeoutSeconds: 60 };
    expect(parseOperatorOptions(given, {}).fencingHook).toEqual(hook);
  });

  test('the circuit breaker opens at a fifth of all nodes, or where it is told to', () => {
    expect(parseOperatorOptions([], {}).breakerPercent).toBe(20);
    expect(parseOperatorOptions(['--breaker-percent', '0'], {}).breakerPercent).toBe(0);
  });

  test('an identity is never empty', () => {
    expect(parseOperatorOptions([], {}).identity).not.toBe('');
  });

  test.each([
    [['--http-port', 'eighty'], /--http-port must be a whole number/],
    [['--breaker-percent', '101'], /--breaker-percent must be a whole number from 0 to 100/],
    [['--log-level', 'loud'], /--log-level must be one of debug, info, warn, error/],
    [['--lease-seconds', '0'], /--lease-seconds must be a number of seconds above 0/],
    [['--lease-seconds', '5', '--renew-seconds', '5'], /a leader must stop before another may start/],
    [['--lease-secnds', '5'], /lease-secnds/],
    [['--fencing-hook-url', 'agent:80'], /--fencing-hook-url must be an http or https address, not "agent:80"/],
    [['--fencing-hook-url', 'http://agent', '--fencing-hook-timeout-seconds', '0'], /--fencing-hook-timeout-seconds/],
  ])('%j is refused with the reason', (argv, message) => {
    expect(() => parseOperatorOptions(argv, {})).toThrow(message);
  });

  test('the help names every flag once', () => {
    expect(operatorFlagsHelp().match(/--lease-name /g)).toHaveLength(1);
  });
});
