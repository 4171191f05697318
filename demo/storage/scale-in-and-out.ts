import { MEMBERS } from './postgres-manifests.ts';
import { CUSTOMERS, ORDINALS, type Scene, type Step, countCustomers, kept } from './scene.ts';

export const scaleInAndOut: Step = {
  title: 'the app is scaled from 3 to 1 and back',
  play: async (scene) => {
    const { app, screen } = scene;
    screen.say(`kubectl patch papp ${app.name}: replicas 1`);
    await app.patch({ replicas: 1 });
    const isAlone = async (): Promise<boolean> => (await app.containers()).length === 1;
    await app.until(`one member of ${app.name} left`, isAlone, 120);
    await app.untilReady(1, 60);
    const left = kept(scene.claims, await app.claims());
    screen.say(`one member is left, and ${left} of ${MEMBERS} claims are there still`);
    const asked = performance.now();
    await app.patch({ replicas: MEMBERS });
    const { seconds } = await app.untilReady(MEMBERS, 180, asked);
    return compare(scene, `replicas ${MEMBERS} again: Ready after ${seconds} s`);
  },
};

/** What was on the volumes, on the same volumes. */
export async function compare(scene: Scene, what: string) {
  const { app, screen, claims } = scene;
  const claimsKept = kept(claims, await app.claims());
  const recordsReadBack = await countCustomers(app, ORDINALS);
  const recordsWritten = CUSTOMERS * MEMBERS;
  screen.say(
    `${what}, with ${claimsKept} of ${MEMBERS} claims and volumes of before and ${recordsReadBack} of ${recordsWritten} customers`,
  );
  if (recordsReadBack !== recordsWritten)
    throw new Error(`only ${recordsReadBack} of ${recordsWritten} customers are on the volumes`);
  return { claimsKept, recordsWritten, recordsReadBack, sameClaim: claimsKept === MEMBERS };
}
