import { crashAtEveryWrite } from '../support/crash-at-every-write.ts';

crashAtEveryWrite(['scaleOut', 'scaleIn', 'delete', 'backup', 'leave'], { snapshots: true });
