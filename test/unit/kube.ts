import { defineTests } from './together.ts';

defineTests('kube');
