// The names of keys, which languages write in their own ways: B major is H-Dur in German, Si mayor in Spanish.

import { t } from "./i18n.js";

const NAMES = {
  "C major": t("C major"),
  "Db major": t("Db major"),
  "D major": t("D major"),
  "Eb major": t("Eb major"),
  "E major": t("E major"),
  "F major": t("F major"),
  "F# major": t("F# major"),
  "G major": t("G major"),
  "Ab major": t("Ab major"),
  "A major": t("A major"),
  "Bb major": t("Bb major"),
  "B major": t("B major"),
  "C minor": t("C minor"),
  "Db minor": t("Db minor"),
  "D minor": t("D minor"),
  "Eb minor": t("Eb minor"),
  "E minor": t("E minor"),
  "F minor": t("F minor"),
  "F# minor": t("F# minor"),
  "G minor": t("G minor"),
  "Ab minor": t("Ab minor"),
  "A minor": t("A minor"),
  "Bb minor": t("Bb minor"),
  "B minor": t("B minor"),
};

/** The name of a key {tonic, mode}. */
export const keyName = ({ tonic, mode }) => NAMES[`${tonic} ${mode}`] ?? `${tonic} ${mode}`;
