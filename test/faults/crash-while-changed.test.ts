import { crashAtEveryWrite } from '../support/crash-at-every-write.ts';

crashAtEveryWrite([
  ['create', 'killAfter'],
  ['grow', 'killAfter'],
  ['rebuild', 'killAfter'],
]);
