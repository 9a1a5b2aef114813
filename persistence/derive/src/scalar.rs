//! The code of `#[derive(Scalar)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned as _;
use syn::{Data, DataEnum, DeriveInput, Fields, Ident, LitStr, Result, Type};

pub fn expand(input: &DeriveInput) -> Result<TokenStream> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                let inner = &fields.unnamed.first().ok_or_else(|| unusable(input))?.ty;
                Ok(newtype(&input.ident, inner))
            }
            _ => Err(unusable(input)),
        },
        Data::Enum(data) => enumeration(input, data),
        Data::Union(_) => Err(unusable(input)),
    }
}

fn unusable(input: &DeriveInput) -> syn::Error {
    syn::Error::new(input.ident.span(), "a column type is a newtype or an enum without fields")
}

fn newtype(name: &Ident, inner: &Type) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl ::persistence::Scalar for #name {
            type Inner = Self;
            const TYPE: ::persistence::ColumnType = <#inner as ::persistence::Scalar>::TYPE;
            const FORM: ::core::option::Option<::persistence::types::MomentForm> =
                <#inner as ::persistence::Scalar>::FORM;

            fn to_value(&self) -> ::persistence::Value {
                ::persistence::Scalar::to_value(&self.0)
            }

            fn from_value(
                value: ::persistence::Value,
            ) -> ::core::result::Result<Self, ::persistence::ValueError> {
                <#inner as ::persistence::Scalar>::from_value(value).map(Self)
            }

            fn read_fast<__DB: ::persistence::backend::Dialect>(
                cell: &mut <__DB as ::persistence::private::diesel::backend::Backend>::RawValue<'_>,
            ) -> ::core::option::Option<Self> {
                <#inner as ::persistence::Scalar>::read_fast::<__DB>(cell).map(Self)
            }

            fn is_nan(&self) -> bool {
                ::persistence::Scalar::is_nan(&self.0)
            }

            fn is_beyond_text(&self) -> bool {
                ::persistence::Scalar::is_beyond_text(&self.0)
            }
        }

        #[automatically_derived]
        impl<__ST, __DB> ::persistence::private::diesel::deserialize::FromSql<__ST, __DB> for #name
        where
            __DB: ::persistence::private::diesel::backend::Backend,
            #inner: ::persistence::private::diesel::deserialize::FromSql<__ST, __DB>,
        {
            fn from_sql(
                bytes: <__DB as ::persistence::private::diesel::backend::Backend>::RawValue<'_>,
            ) -> ::persistence::private::diesel::deserialize::Result<Self> {
                <#inner as ::persistence::private::diesel::deserialize::FromSql<__ST, __DB>>::from_sql(bytes)
                    .map(Self)
            }
        }

        #[automatically_derived]
        impl<__ST, __DB> ::persistence::private::diesel::serialize::ToSql<__ST, __DB> for #name
        where
            __DB: ::persistence::private::diesel::backend::Backend,
            #inner: ::persistence::private::diesel::serialize::ToSql<__ST, __DB>,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut ::persistence::private::diesel::serialize::Output<'b, '_, __DB>,
            ) -> ::persistence::private::diesel::serialize::Result {
                ::persistence::private::diesel::serialize::ToSql::<__ST, __DB>::to_sql(&self.0, out)
            }
        }
    }
}

fn enumeration(input: &DeriveInput, data: &DataEnum) -> Result<TokenStream> {
    let name = &input.ident;
    let mut variants = Vec::new();
    let mut texts = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(syn::Error::new(
                variant.span(),
                "a column's enum has variants without fields",
            ));
        }
        let mut text = snake_case(&variant.ident.to_string());
        for attribute in variant.attrs.iter().filter(|a| a.path().is_ident("scalar")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("rename") {
                    text = meta.value()?.parse::<LitStr>()?.value();
                    Ok(())
                } else {
                    Err(meta.error("expected rename = \"…\""))
                }
            })?;
        }
        variants.push(&variant.ident);
        texts.push(text);
    }
    Ok(quote! {
        impl #name {
            /// Returns the name in the database.
            #[must_use]
            pub const fn as_str(&self) -> &'static str {
                match self {
                    #(Self::#variants => #texts,)*
                }
            }
        }

        #[automatically_derived]
        impl ::core::str::FromStr for #name {
            type Err = ::persistence::ValueError;

            fn from_str(text: &str) -> ::core::result::Result<Self, ::persistence::ValueError> {
                match text {
                    #(#texts => ::core::result::Result::Ok(Self::#variants),)*
                    _ => ::core::result::Result::Err(::persistence::ValueError::new(
                        <Self as ::persistence::Scalar>::TYPE.to_string(),
                        text,
                    )),
                }
            }
        }

        #[automatically_derived]
        impl ::persistence::Scalar for #name {
            type Inner = Self;
            const TYPE: ::persistence::ColumnType =
                ::persistence::ColumnType::Enum { variants: &[#(#texts),*] };

            fn to_value(&self) -> ::persistence::Value {
                ::persistence::Value::Text(self.as_str().to_owned())
            }

            fn from_value(
                value: ::persistence::Value,
            ) -> ::core::result::Result<Self, ::persistence::ValueError> {
                match value {
                    ::persistence::Value::Text(text) => text.parse(),
                    other => ::core::result::Result::Err(::persistence::ValueError::new(
                        Self::TYPE.to_string(),
                        other,
                    )),
                }
            }
        }

        #[automatically_derived]
        impl<__DB> ::persistence::private::diesel::deserialize::FromSql<
            ::persistence::private::diesel::sql_types::Text, __DB,
        > for #name
        where
            __DB: ::persistence::private::diesel::backend::Backend,
            ::std::string::String: ::persistence::private::diesel::deserialize::FromSql<
                ::persistence::private::diesel::sql_types::Text, __DB,
            >,
        {
            fn from_sql(
                bytes: <__DB as ::persistence::private::diesel::backend::Backend>::RawValue<'_>,
            ) -> ::persistence::private::diesel::deserialize::Result<Self> {
                let text = <::std::string::String as ::persistence::private::diesel::deserialize::FromSql<
                    ::persistence::private::diesel::sql_types::Text, __DB,
                >>::from_sql(bytes)?;
                ::core::result::Result::Ok(text.parse()?)
            }
        }

        #[automatically_derived]
        impl<__DB> ::persistence::private::diesel::serialize::ToSql<
            ::persistence::private::diesel::sql_types::Text, __DB,
        > for #name
        where
            __DB: ::persistence::private::diesel::backend::Backend,
            str: ::persistence::private::diesel::serialize::ToSql<
                ::persistence::private::diesel::sql_types::Text, __DB,
            >,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut ::persistence::private::diesel::serialize::Output<'b, '_, __DB>,
            ) -> ::persistence::private::diesel::serialize::Result {
                <str as ::persistence::private::diesel::serialize::ToSql<
                    ::persistence::private::diesel::sql_types::Text, __DB,
                >>::to_sql(self.as_str(), out)
            }
        }

        #[automatically_derived]
        impl<__DB> ::persistence::private::diesel::serialize::ToSql<
            ::persistence::backend::ColumnText, __DB,
        > for #name
        where
            __DB: ::persistence::backend::Dialect,
            str: ::persistence::private::diesel::serialize::ToSql<
                ::persistence::backend::ColumnText, __DB,
            >,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut ::persistence::private::diesel::serialize::Output<'b, '_, __DB>,
            ) -> ::persistence::private::diesel::serialize::Result {
                <str as ::persistence::private::diesel::serialize::ToSql<
                    ::persistence::backend::ColumnText, __DB,
                >>::to_sql(self.as_str(), out)
            }
        }
    })
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (position, letter) in name.chars().enumerate() {
        if letter.is_uppercase() && position > 0 {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
