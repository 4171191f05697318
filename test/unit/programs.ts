import { defineTests } from './together.ts';

defineTests('programs');
