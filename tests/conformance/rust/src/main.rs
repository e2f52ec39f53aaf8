//! The steps of `../../scenarios.json` by arrow-rs's Flight SQL client. See `../../README.md`.

mod client;
mod values;

use std::error::Error;
use std::io::BufRead;

use arrow_flight::error::FlightError;
use arrow_schema::ArrowError;
use serde_json::{Value, json};

type AnyError = Box<dyn Error + Send + Sync>;

/// The gRPC status that is somewhere among the causes.
fn status_of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a tonic::Status> {
    if let Some(status) = error.downcast_ref::<tonic::Status>() {
        return Some(status);
    }
    match error.downcast_ref::<FlightError>() {
        Some(FlightError::Tonic(status)) => return Some(status),
        Some(FlightError::Arrow(inner)) => return status_of(inner),
        Some(FlightError::ExternalError(inner)) => return status_of(inner.as_ref()),
        _ => {}
    }
    match error.downcast_ref::<ArrowError>() {
        Some(ArrowError::ExternalError(inner)) => status_of(inner.as_ref()),
        _ => error.source().and_then(status_of),
    }
}

/// `NotFound` as `NOT_FOUND`.
fn screaming_snake(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_uppercase());
    }
    text
}

fn failure(error: AnyError) -> Value {
    let status = status_of(error.as_ref());
    let code = status.map(|status| screaming_snake(&format!("{:?}", status.code())));
    let message = status.map_or_else(|| error.to_string(), |status| status.message().into());
    json!({"error": code.unwrap_or_else(|| "NO_STATUS".into()), "message": message})
}

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let uri = std::env::args()
        .nth(1)
        .ok_or("usage: scenarios URI < steps")?;
    let mut client = client::Client::new(&uri.replacen("grpc://", "http://", 1));
    for line in std::io::stdin().lock().lines() {
        let step: Value = serde_json::from_str(&line?)?;
        println!("{}", client.answer(&step).await.unwrap_or_else(failure));
    }
    Ok(())
}
