import { waitUntil } from './wait-until.ts';

interface Definition {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[] | null;
  };
}

/**
 * Waits until the API server serves these kinds: names such as `frameworks.proffer.dev`. `kubectl` answers what it printed. Not `kubectl
 * wait`: that fails on a definition which has no conditions yet.
 */
export async function untilEstablished(
  kubectl: (args: readonly string[]) => Promise<string>,
  crds: readonly string[],
): Promise<void> {
  const areServed = async (): Promise<boolean> => {
    const found = JSON.parse(await kubectl(['get', 'crd', ...crds, '-o', 'json'])) as
      | Definition
      | { items: Definition[] };
    const definitions = 'items' in found ? found.items : [found];
    return definitions.every(
      ({ status }) =>
        status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') === true,
    );
  };
  await waitUntil(`the API server serves ${crds.join(', ')}`, areServed, {
    timeoutSeconds: 30,
    everyMilliseconds: 200,
  });
}
