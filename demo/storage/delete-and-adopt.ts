import { badChecksums } from './check-files.ts';
import { MEMBERS, postgresApp } from './postgres-manifests.ts';
import { type Step, kept, sum } from './scene.ts';
import { compare } from './scale-in-and-out.ts';
import { apply } from './start-members.ts';

export const deleteApps: Step = {
  title: 'both apps are deleted, and their claims stay',
  play: async (scene) => {
    const { app, restored, screen } = scene;
    screen.say(`kubectl delete papp ${app.name} ${restored.name}`);
    await Promise.all([app.delete(120), restored.delete(120)]);
    const claims = await app.claims();
    const others = await restored.claims();
    const claimsKept = kept(scene.claims, claims);
    screen.say(`no pod is left; claims: ${claimsKept} of ${MEMBERS}, and ${others.length} of the restored app`);
    if (claimsKept < MEMBERS) throw new Error(`only ${claimsKept} of ${MEMBERS} claims are there`);
    const bad = await badChecksums(scene, [...claims, ...others]);
    screen.say(`pg_checksums over the files of all ${claims.length + others.length} volumes: ${bad} bad pages`);
    return { claimsKept, badChecksums: bad };
  },
};

export const adoptAgain: Step = {
  title: 'the app is applied again and takes up its volumes',
  play: async (scene) => {
    const { app, screen } = scene;
    screen.say('kubectl apply -f examples/postgresql.yaml (retention.reuse is Adopt)');
    const applied = performance.now();
    await apply(scene, postgresApp());
    const { app: seen, seconds } = await app.untilReady(MEMBERS, 180, applied);
    const found = await compare(scene, `${MEMBERS} members Ready after ${seconds} s`);
    scene.podRestarts += sum((await app.containers()).map(({ restarts }) => restarts));
    return { ...found, podRestarts: scene.podRestarts, ready: seen.members.filter(({ ready }) => ready).length };
  },
};
