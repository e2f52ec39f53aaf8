//! The streams of a Flight server.

use anyhow::{Context, Result, bail};
use arrow_array::RecordBatch;
use arrow_flight::{FlightClient, FlightDescriptor, FlightInfo};
use futures::stream::{self, Stream, StreamExt, TryStreamExt};
use tonic::transport::Endpoint;

/// Takes an address such as grpc://127.0.0.1:8815.
pub async fn connect(uri: &str) -> Result<FlightClient> {
    let address = uri
        .strip_prefix("grpc://")
        .or_else(|| uri.strip_prefix("grpc+tcp://"));
    let Some(address) = address else {
        bail!("{uri:?} is no address such as grpc://127.0.0.1:8815");
    };
    let channel = Endpoint::from_shared(format!("http://{address}"))?
        // Tonic's windows are small: a stream of large batches would wait for each.
        .initial_stream_window_size(16 << 20)
        .initial_connection_window_size(32 << 20)
        .connect()
        .await
        .with_context(|| format!("no server answers at {uri}"))?;
    let client = arrow_flight::flight_service_client::FlightServiceClient::new(channel)
        // Servers may send batches above tonic's 4 MiB.
        .max_decoding_message_size(usize::MAX);
    Ok(FlightClient::new_from_inner(client))
}

/// Describes a dataset by its name.
pub fn path(dataset: &str) -> FlightDescriptor {
    FlightDescriptor::new_path(vec![dataset.to_owned()])
}

/// Describes the result of a query.
pub fn command(sql: &str) -> FlightDescriptor {
    FlightDescriptor::new_cmd(sql.as_bytes().to_vec())
}

/// The batches of all endpoints, one endpoint after the other.
pub fn batches(client: FlightClient, info: FlightInfo) -> impl Stream<Item = Result<RecordBatch>> {
    stream::try_unfold(
        (client, info.endpoint.into_iter()),
        |(mut client, mut endpoints)| async move {
            let Some(endpoint) = endpoints.next() else {
                return anyhow::Ok(None);
            };
            let ticket = endpoint.ticket.context("an endpoint without a ticket")?;
            let batches = client.do_get(ticket).await?.map_err(anyhow::Error::from);
            Ok(Some((batches.boxed(), (client, endpoints))))
        },
    )
    .try_flatten()
}
