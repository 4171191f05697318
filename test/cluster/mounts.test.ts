import { expect, test } from '@jest/globals';
import { mountsUnder } from './mounts.ts';

const MOUNTINFO = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 22 0:30 / /state/n1/kubelet rw shared:2 - tmpfs tmpfs rw
41 40 0:31 / /state/n1/kubelet/pods/a\\040b rw shared:3 - tmpfs tmpfs rw
42 22 0:32 / /state/n10 rw shared:4 - tmpfs tmpfs rw
`;

test('mounts below a folder come innermost first, with their spaces', () => {
  expect(mountsUnder('/state/n1', MOUNTINFO)).toEqual(['/state/n1/kubelet/pods/a b', '/state/n1/kubelet']);
});

test('a folder whose name begins alike is another folder', () => {
  expect(mountsUnder('/state/n1', MOUNTINFO)).not.toContain('/state/n10');
});

test('the folder itself counts', () => {
  expect(mountsUnder('/state/n10', MOUNTINFO)).toEqual(['/state/n10']);
});
