import { crashAtEveryWrite } from '../support/crash-at-every-write.ts';

crashAtEveryWrite([
  ['scaleOut', 'killAfter'],
  ['scaleIn', 'killAfter'],
]);
