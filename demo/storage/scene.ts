import { MEMBERS } from './postgres-manifests.ts';
import { MemberTable } from './member-table.ts';
import type { OrderWriter } from './order-writer.ts';
import type { Claim, MemberContainer, Postgres, Stage } from './postgres.ts';
import type { Psql } from './psql.ts';
import type { StorageSummary } from './storage-summary.ts';

/** What the steps of the story hand on to each other. */
export interface Scene extends Stage {
  readonly app: Postgres;
  readonly restored: Postgres;
  /** One for each member, from its start to the drop of the table. */
  readonly sessions: Psql[];
  readonly writers: OrderWriter[];
  /** Claims and containers as they were when all members were Ready for the first time. */
  claims: readonly Claim[];
  containers: readonly MemberContainer[];
  /** Restarts of containers that nobody had asked for, so far. */
  podRestarts: number;
  /** By member: the orders up to this one were committed when the backup was asked for. */
  committedAtSnapshot: readonly number[];
}

/** What a step found for the summary. */
export type Found = Partial<StorageSummary>;

/** One step. Throws when what it waits for does not come. */
export interface Step {
  readonly title: string;
  readonly play: (scene: Scene) => Promise<Found>;
}

export const ORDINALS: readonly number[] = Array.from({ length: MEMBERS }, (_, ordinal) => ordinal);

/** The table that is lost and comes back with the backup. */
export const orders = (psql: Psql, ordinal: number): MemberTable => new MemberTable(psql, 'orders', ordinal);

/** The table that stays, by which a volume is known again. */
export const customers = (psql: Psql, ordinal: number): MemberTable => new MemberTable(psql, 'customers', ordinal);

export const CUSTOMERS = 1000;

/** How many customers of these members are there as they were written. */
export async function countCustomers(app: Postgres, ordinals: readonly number[]): Promise<number> {
  const counts = ordinals.map((ordinal) =>
    app.inSession(ordinal, (psql) => customers(psql, ordinal).countIntact(CUSTOMERS)),
  );
  return sum(await Promise.all(counts));
}

/** How many of the claims are there still: the same object on the same volume. */
export function kept(before: readonly Claim[], now: readonly Claim[]): number {
  return before.filter(({ uid, volume }) => now.some((claim) => claim.uid === uid && claim.volume === volume)).length;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
