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
    // Each by itself: that is one request, and several at once would be a process of kubectl.
    const found = await Promise.all(crds.map((name) => kubectl(['get', 'crd', name, '-o', 'json'])));
    const definitions = found.map((text) => JSON.parse(text) as Definition);
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
