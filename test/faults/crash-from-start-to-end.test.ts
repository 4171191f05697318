import { crashAtEveryWrite } from '../support/crash-at-every-write.ts';

crashAtEveryWrite(
  [
    ['create', 'killBefore'],
    ['scaleOut', 'killAfter'],
    ['scaleIn', 'killAfter'],
    ['delete', 'killBefore'],
    ['delete', 'killAfter'],
    ['leave', 'killAfter'],
  ],
  { snapshots: true },
);
