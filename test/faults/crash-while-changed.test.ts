import { crashAtEveryWrite } from '../support/crash-at-every-write.ts';

crashAtEveryWrite(['create', 'grow', 'rebuild']);
