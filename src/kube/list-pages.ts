import type { KubeClient } from './kube-client.ts';
import { KubeError } from './errors.ts';
import { isRecord, resourceVersionOf } from './kube-object.ts';
import { pathOf, type ResourceType } from './resource-type.ts';

/** Which objects: all of a type, or those in a namespace and matching the selectors. */
export interface Selection {
  readonly type: ResourceType;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface Page {
  readonly items: readonly unknown[];
  /** Where a watch continues after this list; the same on every page. */
  readonly resourceVersion: string;
}

export interface PageOptions {
  readonly pageSize?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Objects a page; a page of 500 pods is about 5 MB. */
export const PAGE_SIZE = 500;

/**
 * The objects of a selection, page by page, so that the caller can drop what it does not need before the next page comes.
 * Throws a KubeError: `BadReply` when a page is no list, `gone` when the list took longer than the server keeps its snapshot, and then it must start over.
 */
export async function* listPages(
  client: KubeClient,
  selection: Selection,
  options: PageOptions = {},
): AsyncGenerator<Page> {
  let token: string | undefined;
  do {
    const reply = await client.request<unknown>({
      method: 'GET',
      path: pathOf(selection.type, selection.namespace),
      query: {
        limit: options.pageSize ?? PAGE_SIZE,
        labelSelector: selection.labelSelector,
        fieldSelector: selection.fieldSelector,
        continue: token,
      },
      timeoutSeconds: options.timeoutSeconds,
      signal: options.signal,
    });
    yield pageOf(reply, selection.type);
    token = continueOf(reply);
  } while (token !== undefined);
}

/** Throws for what is no list though it came with a 200, as a proxy's page does: taken for the last page, it would end the list early. */
function pageOf(reply: unknown, { plural }: ResourceType): Page {
  const resourceVersion = resourceVersionOf(reply);
  const items = isRecord(reply) ? reply['items'] : undefined;
  if (resourceVersion === undefined)
    throw new KubeError({ status: 0, reason: 'BadReply', message: `the list of ${plural} carries no resourceVersion` });
  // An empty list of a custom resource can be `null` on the wire.
  return { items: Array.isArray(items) ? items : [], resourceVersion };
}

function continueOf(reply: unknown): string | undefined {
  const metadata = isRecord(reply) ? reply['metadata'] : undefined;
  const token = isRecord(metadata) ? metadata['continue'] : undefined;
  return typeof token === 'string' && token !== '' ? token : undefined;
}
