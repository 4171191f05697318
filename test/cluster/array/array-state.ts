import { join } from 'node:path';
import type { ArrayNode } from './array-control.ts';
import { Attachments } from './attachments.ts';
import { Faults } from './faults.ts';
import { KeyedLock } from './keyed-lock.ts';
import { Pools, type PoolSpec } from './pools.ts';
import { RecordFolder } from './record-folder.ts';
import { Snapshots } from './snapshots.ts';
import { SlowDisks } from './slow-disks.ts';
import { Volumes } from './volumes.ts';
import { WriterLog } from './writers.ts';

/** A volume mounted on a node, or meant to be: written down before the device is made. */
export interface StageRecord {
  readonly volume: string;
  readonly node: string;
  readonly stagingPath: string;
  readonly generation: number;
  /** Undefined while it is being made. */
  readonly device: string | undefined;
  /** Where pods see it. */
  readonly targets: readonly string[];
  /** A fault made this mount useless: the next pod gets a new one. */
  readonly broken: boolean;
}

/** A real node. */
export interface NodeRecord extends ArrayNode {
  readonly poweredOff: boolean;
}

/** All that the array knows, kept on disk as it changes. */
export interface ArrayState {
  readonly folder: string;
  readonly pools: Pools;
  readonly volumes: Volumes;
  readonly snapshots: Snapshots;
  readonly attachments: Attachments;
  readonly stages: RecordFolder<StageRecord>;
  readonly nodes: RecordFolder<NodeRecord>;
  readonly writers: WriterLog;
  readonly faults: Faults;
  readonly slowDisks: SlowDisks;
  /** By volume id, or by name while there is no id yet. */
  readonly lock: KeyedLock;
  /** How often each call came in. */
  readonly calls: Map<string, number>;
  readonly strictNodes: boolean;
  readonly log: (line: string) => void;
}

export interface StateOptions {
  readonly folder: string;
  readonly pools: readonly PoolSpec[];
  readonly strictNodes: boolean;
  readonly log: (line: string) => void;
}

/** Reads what an earlier process left in the folder. */
export function openState({ folder, pools, strictNodes, log }: StateOptions): ArrayState {
  const volumes = new Volumes(folder);
  const faults = new Faults(folder);
  return {
    folder,
    volumes,
    faults,
    pools: new Pools(pools, {
      shares: () => volumes.list(),
      saysFull: (pool, segment) => faults.saysFull(pool, segment),
    }),
    snapshots: new Snapshots(folder),
    attachments: new Attachments(folder),
    stages: new RecordFolder(join(folder, 'stages')),
    nodes: new RecordFolder(join(folder, 'nodes')),
    writers: new WriterLog(join(folder, 'writers.jsonl')),
    slowDisks: new SlowDisks(),
    lock: new KeyedLock(),
    calls: new Map(),
    strictNodes,
    log,
  };
}

export function stageKey(volume: string, node: string): string {
  return `${volume} ${node}`;
}

export function stagesOf(array: ArrayState, volume: string): readonly StageRecord[] {
  return array.stages.list().filter((stage) => stage.volume === volume);
}
