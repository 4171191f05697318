// Decisions of the allocator that take several writes, on a real control plane: the operator is killed before, between and after them.
import { afterAll, beforeAll, describe } from '@jest/globals';
import { DecisionBench } from './decision-bench.ts';
import { gangStory } from './gang-story.ts';
import { hangStory } from './hang-story.ts';
import { reclaimStory } from './reclaim-story.ts';

let bench: DecisionBench;

beforeAll(async () => {
  bench = await DecisionBench.start();
}, 1_200_000);

afterAll(() => bench?.close(), 120_000);

describe('two apps that start together', () => gangStory(() => bench));

describe('an app whose write hangs', () => hangStory(() => bench));

describe('members go for a guarantee', () => reclaimStory(() => bench));
