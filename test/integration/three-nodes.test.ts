// Everything that a cluster of three fake nodes is enough for: to start one takes longer than most of these tests.
import { afterAll, beforeAll, describe, jest } from '@jest/globals';
import { describeAdoption } from './adoption.ts';
import { describeBadInput } from './bad-input.ts';
import { describeGrowth } from './growth.ts';
import { describePlugin } from './plugin.ts';
import { type RunningProduct, startProduct } from './running-product.ts';

jest.setTimeout(240_000);

let product: RunningProduct;
const running = () => product;

beforeAll(async () => {
  product = await startProduct(3);
}, 1_200_000);

afterAll(async () => {
  await product?.stop();
}, 120_000);

// First: it tells what is free.
describe('kubectl proffer', () => describePlugin(running));
describe('bad input', () => describeBadInput(running));
describe('volumes of a running app', () => describeGrowth(running));
// Last: it ends the product's operator.
describe('a StatefulSet that somebody runs', () => describeAdoption(running));
