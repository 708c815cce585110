/** Owns the list of commands: one line for each, in the order of /help. */
import type { Command } from "./command.js";
import { aliasBeside } from "./commands/alias.js";
import { binary } from "./commands/binary.js";
import { capture } from "./commands/capture.js";
import { close } from "./commands/close.js";
import { connect } from "./commands/connect.js";
import { curl } from "./commands/curl.js";
import { expect } from "./commands/expect.js";
import { file } from "./commands/file.js";
import { filter } from "./commands/filter.js";
import { fragment } from "./commands/fragment.js";
import { frames } from "./commands/frames.js";
import { grep } from "./commands/grep.js";
import { headers } from "./commands/headers.js";
import { helpOn } from "./commands/help.js";
import { info } from "./commands/info.js";
import { lens } from "./commands/lens.js";
import { ping } from "./commands/ping.js";
import { pong } from "./commands/pong.js";
import { pretty } from "./commands/pretty.js";
import { quit } from "./commands/quit.js";
import { raw } from "./commands/raw.js";
import { record } from "./commands/record.js";
import { reconnect } from "./commands/reconnect.js";
import { repeat } from "./commands/repeat.js";
import { save } from "./commands/save.js";
import { script } from "./commands/script.js";
import { send } from "./commands/send.js";
import { set } from "./commands/set.js";
import { show } from "./commands/show.js";
import { templates } from "./commands/templates.js";
import { vars } from "./commands/vars.js";
import { wait } from "./commands/wait.js";

const help = helpOn(() => commands);
const alias = aliasBeside(() => commands);

/** Every command by its name, without the slash. */
export const commands: ReadonlyMap<string, Command> = new Map(
  [
    help,
    send,
    binary,
    file,
    fragment,
    ping,
    pong,
    close,
    reconnect,
    connect,
    headers,
    info,
    frames,
    pretty,
    raw,
    lens,
    filter,
    grep,
    show,
    save,
    record,
    set,
    vars,
    capture,
    templates,
    alias,
    repeat,
    wait,
    expect,
    script,
    curl,
    quit,
  ].map((command): [string, Command] => [command.name, command]),
);
