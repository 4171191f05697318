import type { AppBackupStatus } from '../../api/app-backup.ts';

/** What a backup says of one volume. */
export type VolumeBackup = AppBackupStatus['volumes'][number];

/** Where one volume's copy stands. `missing`: no snapshot was made yet. `gone`: it was there and ready. */
export type CopyState = 'missing' | 'running' | 'ready' | 'failing' | 'gone' | 'foreign';
