import { THRESHOLD_PERCENT } from './postgres-manifests.ts';
import { type Claim, type FileSystem, type Postgres, secondsSince } from './postgres.ts';
import { type Scene, type Step, sum } from './scene.ts';

/** The member whose disk fills up. */
const FULL = 0;
/** About 4 MiB: so little that the threshold is met and not passed by much. */
const ROWS = 4000;
/** A little more than the threshold: what the file system has may shrink again when PostgreSQL takes up old log files. */
const FILL_TO_PERCENT = THRESHOLD_PERCENT + 5;
/** Kubelets measure volumes once a minute, Proffer asks them every 30 seconds, then two controllers and a kubelet do their work. */
const GROW_SECONDS = 420;

export const growOnline: Step = {
  title: 'a disk fills up and grows while it is written to',
  play: async (scene) => {
    const { app, screen, writers } = scene;
    const before = { claim: await claimOf(app), fileSystem: await app.fileSystem(FULL) };
    const full = await fillDisk(scene, before.claim);
    const started = performance.now();
    screen.say(
      `${app.member(FULL)}'s disk is ${full.usedPercent.toFixed(0)} % full: from ${THRESHOLD_PERCENT} % on it grows. All members are written to meanwhile`,
    );
    const committed = (): number => sum(writers.map((writer) => writer.committed));
    const rows = committed();
    const size = await untilGrown(scene, before);
    const seconds = secondsSince(started);
    const restarts = await restartsOf(scene);
    scene.podRestarts = restarts;
    screen.say(
      `from ${before.claim.size} to ${size.claim.size} after ${seconds} s, the file system from ${mebibytes(before.fileSystem)} to ${mebibytes(size.fileSystem)}; ${committed() - rows} orders were committed meanwhile; restarts: ${restarts}`,
    );
    return {
      grownOnline: restarts === 0,
      grownFrom: before.claim.size,
      grownTo: size.claim.size,
      growSeconds: seconds,
      podRestarts: restarts,
    };
  },
};

/** Until it is full enough, or Proffer has seen that before it was: kubelets measure when they like. */
async function fillDisk({ app, screen, sessions, writers }: Scene, before: Claim): Promise<FileSystem> {
  const [psql, writer] = [sessions[FULL], writers[FULL]];
  if (psql === undefined || writer === undefined) throw new Error(`nobody writes to ${app.member(FULL)}`);
  screen.say(`orders pour into ${app.member(FULL)}`);
  for (let batch = 0; batch < 200; batch += 1) {
    await writer.write(ROWS);
    // Log files that are not needed any more would make the disk look fuller than it is.
    await psql.ask('CHECKPOINT');
    const now = await app.fileSystem(FULL);
    if (now.usedPercent >= FILL_TO_PERCENT || (await claimOf(app)).asked !== before.asked) return now;
    if (batch % 10 === 9) screen.say(`  ${writer.committed} orders, the disk is ${now.usedPercent.toFixed(0)} % full`);
  }
  throw new Error(`the disk of ${app.member(FULL)} is not full after ${200 * ROWS} orders`);
}

interface Grown {
  readonly claim: Claim;
  readonly fileSystem: FileSystem;
}

async function untilGrown({ app, screen }: Scene, before: Grown): Promise<Grown> {
  let said = before.claim.asked;
  const look = async (): Promise<Grown | undefined> => {
    const claim = await claimOf(app);
    if (claim.asked !== said) screen.say(`  claim ${claim.name} asks for ${claim.asked}`);
    said = claim.asked;
    if (claim.size === before.claim.size) return undefined;
    const fileSystem = await app.fileSystem(FULL);
    return fileSystem.bytes > before.fileSystem.bytes ? { claim, fileSystem } : undefined;
  };
  return app.until(`the growth of ${before.claim.name}`, look, GROW_SECONDS);
}

async function claimOf(app: Postgres): Promise<Claim> {
  const claim = (await app.claims()).find(({ member }) => member === app.member(FULL));
  if (claim === undefined) throw new Error(`${app.member(FULL)} has no claim`);
  return claim;
}

/** Containers that are not those of the beginning, or that were started again. */
export async function restartsOf({ app, containers }: Scene): Promise<number> {
  const now = await app.containers();
  const replaced = containers.filter(({ id }) => !now.some((container) => container.id === id)).length;
  return Math.max(replaced, sum(now.map(({ restarts }) => restarts)));
}

const mebibytes = ({ bytes }: FileSystem): string => `${Math.round(bytes / 2 ** 20)} MiB`;
