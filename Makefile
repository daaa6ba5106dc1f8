# Everything starts here: `make help`. Needs Python 3.11, make, and the package registries at set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TEST_TOOLS := $(VENV)/.browser
# how many modules of tests `make test` runs at once; each worker builds the plan, and starts a server, for itself
WORKERS ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run build test check eval eval-graph eval-retrieval certainty ablation hostile bench load screenshots model clean
help: ## 显示本帮助
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */\1\t/' | awk -F '\t' '{printf "  make %-16s %s\n", $$1, $$2}'

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "需要 Python 3.11 或更新的版本")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --no-compile -r requirements.lock
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	# Where Python may not write byte code, every command would compile every library anew; what cannot be compiled
	# (templates that some libraries ship) is left
	$(BIN)/python -m compileall -q -j 0 -x '/(torch|tests?)/' $(VENV)/lib kg ingest qa ui || true
	touch $@

model: $(STAMP) ## 准备向量模型（只需一次）
	$(BIN)/plankg model

build: model ## 建立图谱与索引
	$(BIN)/plankg build

run: model ## 建库（如需要）并启动网页 http://127.0.0.1:7860
	$(BIN)/plankg build --if-needed
	$(BIN)/plankg serve

$(TEST_TOOLS): tests/install-browser.sh
	bash tests/install-browser.sh
	touch $@

test: model $(TEST_TOOLS) check ## 检查与全部测试（含覆盖率）
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --cov --cov-report=term --durations=25

check: $(STAMP) ## 静态检查（不改动任何文件）
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

eval: build ## 在自带问题集上评测
	$(BIN)/plankg eval tests/eval/questions.jsonl --split dev

eval-graph: $(STAMP) ## 图谱与人工标注的对照：各类关系的查准率与查全率
	$(BIN)/python -m benchmarks.graph

eval-retrieval: build ## 段落检索的召回率
	$(BIN)/python -m benchmarks.retrieval

ablation: model ## 逐一去掉每个部件，看回答差多少（QUESTIONS=更多的问题集）
	$(BIN)/python -m benchmarks.ablation $(QUESTIONS)

hostile: build ## 提一万个恶意或无意义的问题，检查每个回答
	$(BIN)/python -m benchmarks.hostile

certainty: model ## 由题集拟合“句子能否作答”的判据
	$(BIN)/python -m benchmarks.certainty

load: build ## 50 人同时提问一分钟：错误、用时、内存
	$(BIN)/python -m benchmarks.load

screenshots: build $(TEST_TOOLS) ## 重新生成 docs/screenshots/ 中每个页签的截图
	$(BIN)/python -m benchmarks.screenshots

bench: model ## 基准测试：中位数与比值
	$(BIN)/python -m benchmarks.run

clean: ## 删除环境与建库状态（保留向量模型）
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .coverage
	rm -rf .plankg/builds .plankg/current.json .plankg/extracted .plankg/vectors.sqlite .plankg/uploads .plankg/lock
