// What karaoke files can be and look like. No DOM here.

import { t } from "./i18n.js";

/** The kinds of files, by their names on the server. */
export const KINDS = {
  mp4: t("Video (MP4)"),
  webm: t("Video (WebM)"),
  cdg: t("CD+G with MP3 (.zip)"),
  ultrastar: t("UltraStar folder (.zip)"),
  ass: t("Subtitles (.ass)"),
  package: t("Everything (.zip)"),
};

export const STYLES = { clean: t("Clean"), stage: t("Stage"), paper: t("Paper") };

/** Kinds that have a picture with a size. */
export const VIDEOS = new Set(["mp4", "webm", "package"]);

/** Whether a kind needs the music without the voice. */
export const needsVoice = (kind) => kind !== "ass";

/** What is sent to the server: the style, and what differs from it. */
export function lookOf(style, chosen) {
  const changed = Object.entries(chosen).filter(([name, value]) => name === "style" || (value !== "" && value !== style[name]));
  return Object.fromEntries(changed);
}

/** The address of a picture of a song; the revision makes it a new one after corrections. */
export function previewOf(job, look, at) {
  const query = new URLSearchParams({ ...look, at_s: Math.max(at, 0).toFixed(2) });
  return `api/jobs/${encodeURIComponent(job.id)}/karaoke-preview?${query}#${job.revision}`;
}

export const sizeText = (bytes) => (bytes < 1e6 ? `${Math.max(Math.round(bytes / 1e3), 1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

/** What became of a file that was asked for. */
export function stateOf(job, file) {
  if (file.state === "wanted") return job.state === "queued" ? t("Waiting") : t("In the making");
  if (file.state === "failed") return t("Could not be made: {why}", { why: file.error });
  if (file.state === "stopped") return t("Cancelled");
  return file.revision < job.revision ? t("Made before the last corrections") : "";
}
