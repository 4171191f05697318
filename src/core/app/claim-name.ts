import { ordinalOf } from './member-name.ts';

/** Name of a member's claim, as a StatefulSet names it: `<volume>-<app>-<ordinal>`. */
export function claimName(volume: string, app: string, ordinal: number): string {
  return `${volume}-${app}-${ordinal}`;
}

/**
 * Which member a claim of that name belongs to, if it belongs to this app and volume. The volume is needed: `data-log-db-0` is the
 * claim of volume `data` of app `log-db` and of volume `data-log` of app `db`.
 */
export function ordinalOfClaim(volume: string, app: string, claim: string): number | undefined {
  return claim.startsWith(`${volume}-`) ? ordinalOf(app, claim.slice(volume.length + 1)) : undefined;
}
