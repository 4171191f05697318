import { KubeError } from './errors.ts';
import { isRecord } from './kube-object.ts';
import type { KubeClient } from './kube-client.ts';
import type { ResourceType } from './resource-type.ts';

const TIMEOUT_SECONDS = 10;

/** Whether the API server knows the kind now, as its discovery says. Throws what the request throws, but not that there is none. */
export async function servesKind(client: KubeClient, { apiVersion, plural }: ResourceType): Promise<boolean> {
  const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  try {
    const list = await client.request<unknown>({ method: 'GET', path, timeoutSeconds: TIMEOUT_SECONDS });
    const resources = isRecord(list) && Array.isArray(list['resources']) ? list['resources'] : [];
    return resources.some((item) => isRecord(item) && item['name'] === plural);
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return false;
    throw error;
  }
}
