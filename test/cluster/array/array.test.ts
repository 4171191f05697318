import { spawn } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { waitUntil } from '../wait-until.ts';
import { loopDevices } from './loop-device.ts';
import { mounts } from './mount-table.ts';
import { CAPABILITY, MAY_MOUNT, type MountedVolume, startTestArray, type TestArray } from './test-array.ts';
import { doubleWriters } from './writers.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

interface GroupAnswer {
  readonly group_snapshot: {
    readonly group_snapshot_id: string;
    readonly snapshots: readonly { readonly snapshot_id: string; readonly source_volume_id: string }[];
  };
}

const POOLS = [
  { name: 'shared', scope: 'Cluster', capacityBytes: 20 * GIB, maximumVolumeBytes: 8 * GIB },
  { name: 'zonal', scope: 'Zone', capacityBytes: 2 * GIB },
] as const;

function write(mounted: MountedVolume, text: string): void {
  const file = openSync(join(mounted.target, 'log'), 'a');
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const read = (mounted: MountedVolume): string => readFileSync(join(mounted.target, 'log'), 'utf8');

(MAY_MOUNT ? describe : describe.skip)('the array (needs root: skipped for others)', () => {
  let array: TestArray;
  beforeAll(async () => {
    array = await startTestArray(POOLS);
  }, 900_000);
  afterEach(async () => {
    await array.control.heal();
    for (const { volume, node } of await array.control.attachments()) await array.detach(volume, node);
  });
  afterAll(async () => {
    const folder = array.stateDir;
    await array.stop();
    expect(loopDevices(folder)).toEqual([]);
    expect(mounts().filter(({ mountPoint }) => mountPoint.startsWith(folder))).toEqual([]);
  }, 30_000);

  test('makes one volume of one name, and refuses the name for another size', async () => {
    const id = await array.create('same');
    expect(await array.create('same')).toBe(id);
    await expect(array.create('same', { mebibytes: 512 })).rejects.toThrow(/ALREADY_EXISTS/);
  });

  test('attaches to one node at a time', async () => {
    const volume = await array.create('exclusive');
    const context = await array.attach(volume, 'n1');
    expect(await array.attach(volume, 'n1')).toEqual(context);
    await expect(array.attach(volume, 'n2')).rejects.toThrow(/FAILED_PRECONDITION.*node n1/);
    await array.detach(volume, 'n2');
    await array.detach(volume, 'n1');
    expect(await array.attach(volume, 'n2')).not.toEqual(context);
  });

  test('attaches to nodes that it never heard of, as fake nodes are', async () => {
    const volume = await array.create('fake');
    await array.attach(volume, 'fake-17');
    expect(await array.control.attachments()).toContainEqual(
      expect.objectContaining({ volume, node: 'fake-17', generation: 1 }),
    );
  });

  test('keeps to the limit of volumes of a node', async () => {
    const volumes = [];
    for (let number = 0; number < 9; number++) volumes.push(await array.create(`limit-${number}`, { mebibytes: 8 }));
    for (const volume of volumes.slice(0, 8)) await array.attach(volume, 'n2');
    await expect(array.attach(volumes[8] ?? '', 'n2')).rejects.toThrow(/RESOURCE_EXHAUSTED/);
  });

  test('fences the old node before another one gets the volume, and the data goes along', async () => {
    const volume = await array.create('moved');
    const old = await array.mount(volume, 'n1');
    write(old, 'one\n');
    await expect(array.attach(volume, 'n2')).rejects.toThrow(/FAILED_PRECONDITION/);
    await array.detach(volume, 'n1');
    expect(() => write(old, 'late\n')).toThrow(/EIO/);
    const moved = await array.mount(volume, 'n2');
    expect(read(moved)).toBe('one\n');
    write(moved, 'two\n');
    const spans = await array.control.writers(volume);
    expect(spans.map(({ node, end }) => [node, end])).toEqual([
      ['n1', 'fenced'],
      ['n2', undefined],
    ]);
    expect(doubleWriters(spans)).toEqual([]);

    // The old node comes back later, and tidies up what it believes to have.
    await array.unmount(old);
    write(moved, 'three\n');
    await array.unmount(moved);
    expect((await array.control.writers(volume)).at(-1)).toMatchObject({ node: 'n2', end: 'unstaged' });
  });

  test('gives a healed node a new mount in place of the dead one that it still believes in', async () => {
    const volume = await array.create('healed');
    const before = await array.mount(volume, 'n1', 'first');
    write(before, 'one\n');
    await array.detach(volume, 'n1');
    const context = await array.attach(volume, 'n1');
    const second = { ...before, context, target: before.target.replace('first', 'second') };
    await expect(array.publish({ ...second, context: before.context })).rejects.toThrow(
      /FAILED_PRECONDITION.*generation/,
    );
    await array.publish(second);
    write(second, 'two\n');
    expect(read(second)).toBe('one\ntwo\n');
    await array.unmount(second);
  });

  test('a volume for a single pod is not given to a second one', async () => {
    const volume = await array.create('single');
    const mounted = await array.mount(volume, 'n1');
    const second = { ...mounted, target: mounted.target.replace('/pod/', '/other/') };
    await expect(array.publish(second, 'SINGLE_NODE_SINGLE_WRITER')).rejects.toThrow(/FAILED_PRECONDITION.*single pod/);
    await array.publish(second);
    await array.unmount(second);
    await array.unmount(mounted);
  });

  test('a kill loses no record, and mounted volumes go on meanwhile', async () => {
    const volume = await array.create('killed');
    const mounted = await array.mount(volume, 'n1');
    write(mounted, 'one\n');
    const before = await Promise.all([array.control.volumes(), array.control.attachments(), array.control.writers()]);
    await array.control.kill();
    write(mounted, 'two\n');
    await array.control.restart();
    const after = await Promise.all([array.control.volumes(), array.control.attachments(), array.control.writers()]);
    const byId = (volumes: (typeof before)[0]) => [...volumes].sort((a, b) => a.id.localeCompare(b.id));
    expect(byId(after[0])).toEqual(byId(before[0]));
    expect(after[1]).toEqual(expect.arrayContaining([...before[1]]));
    expect(after[2]).toEqual(before[2]);
    write(mounted, 'three\n');
    await array.detach(volume, 'n1');
    expect(() => write(mounted, 'late\n')).toThrow(/EIO/);
    const moved = await array.mount(volume, 'n2');
    expect(read(moved)).toBe('one\ntwo\nthree\n');
    await array.unmount(mounted);
    await array.unmount(moved);
  }, 30_000);

  test('a power cut ends all writes of the node, and the volume stays attached to it', async () => {
    const volume = await array.create('powered');
    const mounted = await array.mount(volume, 'n1');
    write(mounted, 'one\n');
    appendFileSync(join(mounted.target, 'log'), 'not synced\n');
    await array.control.powerCut('n1');
    expect(existsSync(join(mounted.target, 'log'))).toBe(false);
    await expect(array.attach(volume, 'n2')).rejects.toThrow(/FAILED_PRECONDITION/);
    await array.detach(volume, 'n1');
    const moved = await array.mount(volume, 'n2');
    expect(read(moved)).toMatch(/^one\n/);
    await array.control.powerOn('n1');
    expect(doubleWriters(await array.control.writers(volume))).toEqual([]);
    await array.unmount(moved);
    await array.detach(volume, 'n2');
    await array.unmount(await array.mount(volume, 'n1'));
  }, 30_000);

  test('an xfs volume grows while it is mounted', async () => {
    const volume = await array.create('grown');
    const mounted = await array.mount(volume, 'n1');
    const before = (await statfs(mounted.target)).blocks;
    await array.call('ControllerExpandVolume', { volume_id: volume, capacity_range: { required_bytes: GIB } });
    await array.call('NodeExpandVolume', { volume_id: volume, volume_path: mounted.target }, 'n1');
    expect((await statfs(mounted.target)).blocks).toBeGreaterThan(2 * before);
    await array.unmount(mounted);
  });

  test('a small volume is ext4, and has grown at its next mount at the latest', async () => {
    const volume = await array.create('small', { mebibytes: 32 });
    const mounted = await array.mount(volume, 'n1');
    await array.call('ControllerExpandVolume', { volume_id: volume, capacity_range: { required_bytes: 128 * MIB } });
    await array
      .call('NodeExpandVolume', { volume_id: volume, volume_path: mounted.target }, 'n1')
      .catch((error: Error) => expect(error.message).toMatch(/FAILED_PRECONDITION.*next mount/));
    await array.unmount(mounted);
    const again = await array.mount(volume, 'n1');
    const { blocks, bsize } = await statfs(again.target);
    expect(blocks * bsize).toBeGreaterThan(100 * MIB);
    expect(await array.control.volumes()).toContainEqual(expect.objectContaining({ id: volume, fileSystem: 'ext4' }));
    await array.unmount(again);
  });

  test('snapshot and clone have the data of their moment, also that which was not synced', async () => {
    const volume = await array.create('original');
    const mounted = await array.mount(volume, 'n1');
    appendFileSync(join(mounted.target, 'log'), 'one\n');
    const answer = await array.call<{ snapshot: { snapshot_id: string } }>('CreateSnapshot', {
      source_volume_id: volume,
      name: 'moment',
    });
    write(mounted, 'two\n');
    const clone = await array.create('clone', { source: { volume: { volume_id: volume } } });
    const restored = await array.create('restored', {
      source: { snapshot: { snapshot_id: answer.snapshot.snapshot_id } },
      mebibytes: 512,
    });
    const [second, third] = [await array.mount(clone, 'n1'), await array.mount(restored, 'n1')];
    expect([read(second), read(third)]).toEqual(['one\ntwo\n', 'one\n']);
    const { blocks, bsize } = await statfs(third.target);
    expect(blocks * bsize).toBeGreaterThan(400 * MIB);
    for (const each of [mounted, second, third]) await array.unmount(each);
  });

  test('a group snapshot is one moment of several volumes, while somebody writes to one after the other', async () => {
    const [a, b] = await Promise.all([array.create('group-a'), array.create('group-b')]);
    const [first, second] = [await array.mount(a, 'n1'), await array.mount(b, 'n1')];
    const [one, two] = [first, second].map(({ target }) => join(target, 'log'));
    const writer = spawn('sh', ['-c', `i=0; while :; do i=$((i+1)); echo $i >>${one}; echo $i >>${two}; done`]);
    await waitUntil('the writer writes', () => Promise.resolve(existsSync(two ?? '') && read(second).length > 1000), {
      timeoutSeconds: 20,
      everyMilliseconds: 50,
    });
    const request = { name: 'both', source_volume_ids: [a, b] };
    const { group_snapshot: group } = await array.call<GroupAnswer>('CreateVolumeGroupSnapshot', request);
    writer.kill('SIGKILL');
    expect(await array.call('CreateVolumeGroupSnapshot', request)).toEqual({ group_snapshot: group });
    const last: number[] = [];
    for (const { snapshot_id: id, source_volume_id: of } of group.snapshots) {
      const restored = await array.create(`again-${of}`, { source: { snapshot: { snapshot_id: id } } });
      const mounted = await array.mount(restored, 'n1');
      last[of === a ? 0 : 1] = Number(read(mounted).trimEnd().split('\n').at(-1));
      await array.unmount(mounted);
    }
    // The first volume is ahead by the number that was being written, or by none.
    const [ahead = NaN, behind = NaN] = last;
    expect([0, 1]).toContain(ahead - behind);
    const [{ snapshot_id: alone } = { snapshot_id: '' }] = group.snapshots;
    await expect(array.call('DeleteSnapshot', { snapshot_id: alone })).rejects.toThrow(/INVALID_ARGUMENT/);
    await array.call('DeleteVolumeGroupSnapshot', { group_snapshot_id: group.group_snapshot_id });
    await expect(array.call('GetVolumeGroupSnapshot', { group_snapshot_id: group.group_snapshot_id })).rejects.toThrow(
      /NOT_FOUND/,
    );
    for (const each of [first, second]) await array.unmount(each);
  });

  test('a pool with too little space says so, with numbers', async () => {
    await expect(array.create('huge', { mebibytes: 9 * 1024 })).rejects.toThrow(
      /OUT_OF_RANGE.*at most 8589934592 bytes/,
    );
    await array.create('zone-1', { pool: 'zonal', mebibytes: 1536 });
    const z1 = {
      accessible_topology: { segments: { 'topology.array.proffer.dev/segment': 'z1' } },
      parameters: { pool: 'zonal' },
    };
    const answer = await array.call<{ available_capacity: number; maximum_volume_size: { value: number } }>(
      'GetCapacity',
      z1,
    );
    expect([answer.available_capacity, answer.maximum_volume_size.value]).toEqual([512 * MIB, 512 * MIB]);
    await array.create('zone-2', { pool: 'zonal', mebibytes: 1536 });
    await expect(array.create('zone-3', { pool: 'zonal', mebibytes: 1536 })).rejects.toThrow(
      /RESOURCE_EXHAUSTED.*536870912 bytes in z1/,
    );
  });

  describe('faults', () => {
    test('failing: reads and writes end in EIO; after healing the next pod has its data', async () => {
      const volume = await array.create('failing');
      const mounted = await array.mount(volume, 'n1');
      write(mounted, 'one\n');
      await array.control.inject({ kind: 'failing', volume });
      expect(() => write(mounted, 'late\n')).toThrow(/EIO/);
      await expect(array.publish(mounted)).rejects.toThrow(/INTERNAL.*I\/O errors/);
      expect((await array.control.volumes()).find(({ id }) => id === volume)).toMatchObject({ abnormal: true });
      await array.control.heal('failing');
      await array.publish(mounted);
      expect(read(mounted)).toBe('one\n');
      await array.unmount(mounted);
    });

    test('readOnly: writers are refused, and so is a writer that has its file open', async () => {
      for (const [name, mebibytes] of [
        ['protected-xfs', 320],
        ['protected-ext4', 32],
      ] as const) {
        const volume = await array.create(name, { mebibytes });
        const mounted = await array.mount(volume, 'n1');
        const file = openSync(join(mounted.target, 'log'), 'a');
        writeSync(file, 'one\n');
        fsyncSync(file);
        const { id } = await array.control.inject({ kind: 'readOnly', volume });
        expect(() => {
          writeSync(file, 'late\n');
          fsyncSync(file);
        }).toThrow(/EROFS|EIO/);
        closeSync(file);
        await array.control.heal(id);
        await array.publish(mounted);
        expect(read(mounted)).toBe('one\n');
        write(mounted, 'two\n');
        await array.unmount(mounted);
      }
    });

    test('fullVolume: writers get ENOSPC until it is healed', async () => {
      const volume = await array.create('full');
      const mounted = await array.mount(volume, 'n1');
      await array.control.inject({ kind: 'fullVolume', volume });
      expect(() => write(mounted, 'x'.repeat(8 * MIB))).toThrow(/ENOSPC/);
      await array.control.heal();
      write(mounted, 'x'.repeat(8 * MIB));
      expect(readdirSync(mounted.target)).toEqual(['log']);
      await array.unmount(mounted);
    });

    test('slowDisk: synced writes wait for the stalls, and an unstage still works', async () => {
      const volume = await array.create('slow');
      const mounted = await array.mount(volume, 'n1');
      await array.control.inject({ kind: 'slowDisk', volume, stallMilliseconds: 400, runMilliseconds: 20 });
      const started = performance.now();
      for (let line = 0; line < 20; line++) write(mounted, 'x\n');
      expect(performance.now() - started).toBeGreaterThan(200);
      await array.unmount(mounted);
      expect(existsSync(mounted.target)).toBe(false);
    });

    test('fullPool, failCalls, loseReplies and slowCalls concern calls', async () => {
      await array.control.inject({ kind: 'fullPool', pool: 'shared' });
      await expect(array.create('none-left')).rejects.toThrow(/RESOURCE_EXHAUSTED.*0 bytes free/);
      await array.control.heal();
      await array.control.inject({ kind: 'failCalls', calls: ['CreateVolume'], code: 'UNAVAILABLE', times: 1 });
      await expect(array.create('refused')).rejects.toThrow(/UNAVAILABLE/);
      await array.control.inject({ kind: 'loseReplies', calls: ['CreateVolume'], times: 1 });
      await expect(array.create('refused')).rejects.toThrow(/answer is lost/);
      expect((await array.control.volumes()).filter(({ name }) => name === 'refused')).toHaveLength(1);
      await array.control.inject({ kind: 'slowCalls', calls: ['Probe'], milliseconds: 300 });
      const started = performance.now();
      await array.call('Probe', {});
      expect(performance.now() - started).toBeGreaterThan(290);
    });

    test('lost: the volume can neither be attached nor mounted', async () => {
      const volume = await array.create('lost');
      await array.control.inject({ kind: 'lost', volume });
      await expect(array.attach(volume, 'n1')).rejects.toThrow(/INTERNAL.*lost the data/);
    });

    test('degraded shows in the condition only', async () => {
      const volume = await array.create('degraded');
      const mounted = await array.mount(volume, 'n1');
      await array.control.inject({ kind: 'degraded', volume });
      const request = { volume_id: volume, volume_path: mounted.target };
      const stats = await array.call<{ volume_condition: object; usage: readonly object[] }>(
        'NodeGetVolumeStats',
        request,
        'n1',
      );
      expect(stats.volume_condition).toMatchObject({ abnormal: true, message: expect.stringContaining('rebuilding') });
      expect(stats.usage).toHaveLength(2);
      write(mounted, 'one\n');
      await array.unmount(mounted);
    });

    test('fencingOff shows as two writers in the history: the proof can fail', async () => {
      const volume = await array.create('unfenced');
      const old = await array.mount(volume, 'n1');
      await array.control.inject({ kind: 'fencingOff' });
      await array.detach(volume, 'n1');
      const moved = await array.mount(volume, 'n2');
      expect(doubleWriters(await array.control.writers(volume))).toHaveLength(1);
      await array.control.heal();
      await array.detach(volume, 'n2');
      for (const each of [old, moved]) {
        expect(() => write(each, 'late\n')).toThrow(/EIO/);
        await array.unmount(each);
      }
    });

    test('one for a volume that is not there is refused', async () => {
      await expect(array.control.inject({ kind: 'lost', volume: 'vol-nothing' })).rejects.toThrow(
        /no volume vol-nothing/,
      );
    });
  });

  test('deleting takes the image away, but never that of an attached volume', async () => {
    const volume = await array.create('deleted');
    await array.attach(volume, 'n1');
    const image = join(array.stateDir, 'array', 'images', `${volume}.img`);
    await expect(array.call('DeleteVolume', { volume_id: volume })).rejects.toThrow(/FAILED_PRECONDITION/);
    expect(statSync(image).size).toBe(320 * MIB);
    await array.detach(volume, 'n1');
    await array.call('DeleteVolume', { volume_id: volume });
    await array.call('DeleteVolume', { volume_id: volume });
    expect(existsSync(image)).toBe(false);
  });

  test('offers neither raw blocks nor access from many nodes', async () => {
    const request = {
      name: 'never',
      parameters: {},
      volume_capabilities: [{ ...CAPABILITY, access_mode: { mode: 'MULTI_NODE_MULTI_WRITER' } }],
    };
    await expect(array.call('CreateVolume', request)).rejects.toThrow(/INVALID_ARGUMENT.*one node at a time/);
  });
});
