import type { OperationType } from './operation-type.ts';

/** A type that nothing is done for: `way` says how a person does it. */
export function refused(way: string): OperationType {
  return {
    isDisruptive: false,
    refusal: () => way,
    phases: () => [],
    waitsFor: () => undefined,
    begin: () => [],
    judge: () => ({ state: 'Failed', message: way }),
    act: () => [],
    mayStop: () => true,
  };
}
