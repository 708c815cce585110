/** Owns closing handshakes that stop halfway. */
import { Opcode } from "../../frame/opcode.js";
import type { FaultKind } from "../fault.js";

export const closeNoEcho: FaultKind = {
  summary: "does not answer the client's close frame, only ends TCP",
  reveals: "hangs, or misreports 1006",
  counts: "closes",
  create: () => ({
    attach: (stage) => ({
      control(control) {
        const isEcho = control.opcode === Opcode.close && !control.injected && stage.clientCloses;
        if (!isEcho || !stage.fires()) return stage.pass(control);
        stage.injected();
        stage.drop(control);
      },
    }),
  }),
};

export const closeNoFin: FaultKind = {
  summary: "does not end TCP after the closing handshake",
  reveals: "waits forever for the server to go",
  counts: "closes",
  create: () => ({
    attach: (stage) => ({
      finishing(fin) {
        if (!stage.fires()) return stage.pass(fin);
        stage.injected();
        stage.drop(fin);
      },
    }),
  }),
};
