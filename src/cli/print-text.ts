/** Waits until all is written: a pipe takes 64 KiB at once, and a process that ends before loses the rest. Answers exit code 0. */
export async function printText(text: string): Promise<number> {
  await new Promise((resolve) => process.stdout.write(text, resolve));
  return 0;
}
