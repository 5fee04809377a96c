# The page and the command line in a container, with models for processors:
#   docker build -t lyricsrec .
#   export LYRICSREC_TOKEN="$(openssl rand -hex 16)"
#   docker run -p 8000:8000 -e LYRICSREC_TOKEN -v lyrics:/songs lyricsrec
#   docker run --rm -v "$PWD":/songs lyricsrec transcribe /songs/song.mp3 -o /songs/song.lrc
# For NVIDIA GPUs (run with --gpus all), with CUDA 12, whose cuBLAS CTranslate2 loads:
#   docker build -t lyricsrec:cuda --build-arg TORCH=https://download.pytorch.org/whl/cu128 .
FROM python:3.12-slim

ARG TORCH=https://download.pytorch.org/whl/cpu
RUN pip install --no-cache-dir 'torch>=2.11,<2.14' --index-url "$TORCH"
# Mounted, not copied, so that the image does not keep the sources in a layer (BuildKit, Docker's default since 23).
RUN --mount=type=bind,source=.,target=/source,rw pip install --no-cache-dir '/source[offline,web]'

# The cache is open to any user, for `docker run --user`; checksums of the models in it are verified.
RUN useradd --create-home --uid 1000 singer && mkdir -m 1777 /cache && mkdir /songs && chown singer /songs
ENV XDG_CACHE_HOME=/cache
USER singer
VOLUME /songs
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/api/health', timeout=4)"]
ENTRYPOINT ["lyricsrec"]
CMD ["serve", "--host", "0.0.0.0", "--no-open", "--data", "/songs"]
