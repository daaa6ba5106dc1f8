#!/usr/bin/env bash
# What the tests use beyond Python: Chromium, a Chinese font, and Java for the Neo4j test server.
# Installed from the system's packages where that is possible; tests that miss them say so and skip.
set -u
need=()
command -v chromium >/dev/null || need+=(chromium)
command -v chromedriver >/dev/null || need+=(chromium-driver)
fc-list 2>/dev/null | grep -qi 'noto.*cjk' || need+=(fonts-noto-cjk)
command -v java >/dev/null || need+=(openjdk-17-jre-headless)
if [ ${#need[@]} -eq 0 ]; then exit 0; fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "浏览器测试需要：${need[*]}。请用系统的包管理器安装；缺少时相关测试会跳过。" >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq && apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
