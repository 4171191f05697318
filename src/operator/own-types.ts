import { API_VERSION } from '../api/group.ts';
import { registerTypes, type ResourceType } from '../kube/resource-type.ts';

const own = (kind: string, plural: string, namespaced: boolean): ResourceType => ({
  apiVersion: API_VERSION,
  kind,
  plural,
  namespaced,
});

export const PERSISTENT_APP = own('PersistentApp', 'persistentapps', true);
export const RESERVATION = own('Reservation', 'reservations', true);
export const FRAMEWORK = own('Framework', 'frameworks', false);
export const STORAGE_POOL = own('StoragePool', 'storagepools', false);
export const APP_OPERATION = own('AppOperation', 'appoperations', true);
export const APP_BACKUP = own('AppBackup', 'appbackups', true);

/** Makes our kinds known to the writer; harmless when done twice. */
export function registerOwnTypes(): void {
  registerTypes([PERSISTENT_APP, RESERVATION, FRAMEWORK, STORAGE_POOL, APP_OPERATION, APP_BACKUP]);
}
