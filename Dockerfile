# pinion in a container: docker build -t pinion . && docker run -v "$PWD/data:/data" \
#   -p 8815:8815 pinion serve /data/x.feather --listen grpc://0.0.0.0:8815
FROM debian:sid AS build
COPY toolchain/packages.txt /tmp/packages.txt
RUN apt-get update \
  && sed 's/#.*//' /tmp/packages.txt | xargs apt-get install -y --no-install-recommends \
  && ln -s /usr/lib/llvm-*/bin /opt/llvm
ENV PATH=/opt/llvm:$PATH CC=clang CXX=clang++
WORKDIR /pinion
COPY . .
RUN cmake --preset release && cmake --build --preset release --target pinion \
  && toolchain/bundle.sh build/release/bin/pinion /opt/pinion

# The bundle brings its libraries and loader along: nothing of Debian is needed but the
# certificates, and a shell for whoever looks around.
FROM debian:stable-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates tzdata \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/pinion /opt/pinion
RUN ln -s /opt/pinion/bin/pinion /usr/local/bin/pinion && useradd --create-home pinion
USER pinion
EXPOSE 8815
ENTRYPOINT ["pinion"]
CMD ["--help"]
