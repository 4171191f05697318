import { defineTests } from './together.ts';

defineTests('core');
