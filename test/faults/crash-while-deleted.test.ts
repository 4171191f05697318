import { crashAtEveryWrite } from '../support/crash-at-every-write.ts';

crashAtEveryWrite([
  ['delete', 'killBefore'],
  ['delete', 'killAfter'],
]);
