/**
 * Where tuned looks for a profile, the strongest first: the directory `profiles` came with 2.24, before which profiles lay
 * beside it. Source: tuned/profiles/locator.py and CFG_DEF_PROFILE_DIRS in tuned/consts.py.
 */
export const tunedDirectories = ['etc/tuned/profiles', 'etc/tuned', 'usr/lib/tuned/profiles', 'usr/lib/tuned'] as const;

/** Names of profiles, separated by blanks; the second is merged into the first. Source: tuned/consts.py. */
export const tunedProfileLists = ['etc/tuned/active_profile', 'etc/tuned/post_loaded_profile'] as const;

/** `reapply_sysctl`, `profile_dirs`: tuned-main.conf(5). */
export const tunedMainFile = 'etc/tuned/tuned-main.conf';

/** The directory in which systemd keeps what the usual target starts, and its link to tuned: both there, or tuned is off. */
export const startedUnits = 'etc/systemd/system/multi-user.target.wants';
export const tunedUnit = `${startedUnits}/tuned.service`;

/** `ENABLED=yes`, `IPT_SYSCTL=…` and the file that it names by default. Source: ufw_start() in ufw-init-functions of ufw. */
export const ufwSwitch = 'etc/ufw/ufw.conf';
export const ufwDefaults = 'etc/default/ufw';
export const ufwSysctl = 'etc/ufw/sysctl.conf';

/** `sysctl.net.ipv4.tcp_syncookies=1` sets a key before init. Source: do_sysctl_args() in fs/proc/proc_sysctl.c, Linux 5.8. */
export const kernelCommandLine = 'proc/cmdline';

/** What is run at the end of the boot if it is executable; Red Hat's systemd runs the first. Source: rc-local.service(8). */
export const localScripts = ['etc/rc.d/rc.local', 'etc/rc.local'] as const;

/** Lines of a script that are looked at; one more line is then said to have been there. */
export const maxScriptLines = 200;

/**
 * What writes sysctl keys at boot beside the sysctl files. tuned and ufw are read where they are switched on: of tuned
 * the active profiles and what they include. Of the kernel command line and of scripts, which may hold secrets, only words
 * and lines that speak of sysctl leave the host. All by the shell itself, in a few hundred bytes as a rule.
 */
export const bootWriters = {
  id: 'etc/rc.local',
  sh: `
kernel_command_line() {
  at ${kernelCommandLine} && [ -f "./$real" ] && [ -r "./$real" ] || return
  IFS= read -r line <"./$real" || [ -n "$line" ] || return
  set -f
  for word in $line; do
    case $word in sysctl[./]net[./]*=*) say line ${kernelCommandLine} 1 "$word" ;; esac
  done
  set +f
}

# local_script PATH: says its lines that write a sysctl, and by "has" that it is executable.
local_script() {
  at "$1" && [ -f "./$real" ] || return
  [ -r "./$real" ] || { say denied "$1"; return; }
  [ -x "./$real" ] && say has "$1"
  number=0
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    [ $number -le ${maxScriptLines} ] || { say line "$1" $number; return; }
    case $line in
      exit | 'exit '*) return ;;
      \\#*) ;;
      *sysctl* | */proc/sys/net*) [ \${#line} -gt 500 ] || say line "$1" $number "$line" ;;
    esac
  done <"./$real"
}

ufw() {
  at ${ufwSwitch} && [ -f "./$real" ] || return
  [ -r "./$real" ] || { say denied ${ufwSwitch}; return; }
  enabled=
  while read -r line || [ -n "$line" ]; do
    case $line in ENABLED=*) enabled=$line ;; esac
  done <"./$real"
  case $enabled in *yes* | *YES*) ;; *) return ;; esac
  say has ${ufwSwitch}
  want ${ufwDefaults}
  want ${ufwSysctl}
}

tuned() {
  at ${tunedProfileLists[0]} && [ -f "./$real" ] || return
  if inside ${startedUnits}; then
    [ -L "./$real/tuned.service" ] || [ -e "./$real/tuned.service" ] || return
    say has ${tunedUnit}
  fi
  want ${tunedMainFile}
  profiles=
  for file in ${tunedProfileLists.join(' ')}; do
    at "$file" && [ -f "./$real" ] || continue
    want "$file"
    [ -r "./$real" ] || continue
    while read -r line || [ -n "$line" ]; do profiles="$profiles $line"; done <"./$real"
  done
  seen=' '
  set -f
  while [ -n "$profiles" ]; do
    now=$profiles profiles=
    for profile in $now; do tuned_profile; done
  done
  set +f
}

# tuned_profile: wants $profile of all directories, as one may include the other, and adds to $profiles what they include.
tuned_profile() {
  profile=\${profile#-} profile=\${profile##*/}
  case $profile in '' | . | .. | *[!A-Za-z0-9_.-]*) return ;; esac
  case $seen in *" $profile "*) return ;; esac
  [ \${#seen} -le 1000 ] || return
  seen="$seen$profile "
  for directory in ${tunedDirectories.join(' ')}; do
    at "$directory/$profile/tuned.conf" && [ -f "./$real" ] || continue
    say has "$directory/$profile/tuned.conf"
    want "$directory/$profile/tuned.conf"
    [ -r "./$real" ] && tuned_includes <"./$real"
  done
}
tuned_includes() {
  section='' number=0
  while read -r line; do
    number=$((number + 1))
    case $number:$line in
      ${maxScriptLines}:*) return ;;
      *:'[main]'*) section=main ;;
      *:'['*) [ -z "$section" ] || return ;;
      *:include*=*)
        IFS=' ,;'
        for word in \${line#*=}; do profiles="$profiles $word"; done
        unset IFS ;;
    esac
  done
}
kernel_command_line
for script in ${localScripts.join(' ')}; do local_script "$script"; done
ufw
tuned`.trim(),
};
